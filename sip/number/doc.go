// Package number reads called and calling numbers out of SIP and tel URIs (RFC
// 3261 19.1.6, RFC 3966, RFC 4694). A number is data and nothing else: digits,
// '+', '*', '#' or the letters, digits and "-_." of a name; whatever holds
// other characters is not a number and reaches no dial plan.
package number
