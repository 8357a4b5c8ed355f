// Package number reads called and calling numbers out of SIP and tel URIs (RFC
// 3261 19.1.6, RFC 3966, RFC 4694). A number is data and nothing else: digits,
// '*' and '#' after at most one '+', or the letters, digits and "-_." of an
// extension's name. Whatever holds another character is refused here and reaches
// no dial plan, file name or query.
//
// It knows no dial plan: "00", a trunk prefix or a national number are kept as
// they are. Pure functions; any goroutine may call them.
package number
