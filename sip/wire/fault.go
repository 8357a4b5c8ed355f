package wire

// Fault names why a message was not accepted. It is one of the constants below,
// so it is fit for a counter's label and a log field.
type Fault string

// What is wrong with a message.
const (
	NoFault Fault = ""

	FaultNotSIP        Fault = "not_sip"        // no start line and header fields
	FaultStartLine     Fault = "start_line"     // not METHOD SP URI SP VERSION
	FaultVersion       Fault = "version"        // another SIP version
	FaultTooLarge      Fault = "too_large"      // more bytes than Rules.MaxMessage
	FaultTooMany       Fault = "too_many"       // header fields, values or parameters
	FaultTruncated     Fault = "truncated"      // no empty line, or less body than Content-Length
	FaultField         Fault = "field"          // a header field without colon, with a bare CR, LF or control character
	FaultMissing       Fault = "missing_header" // Via, From, To, Call-ID or CSeq
	FaultDuplicate     Fault = "duplicate"      // two of a header or parameter that may be there once
	FaultVia           Fault = "via"            // malformed Via
	FaultBranch        Fault = "branch"         // the magic cookie and nothing after it
	FaultAddress       Fault = "address"        // malformed From, To, Contact, Route, Record-Route, Refer-To
	FaultTag           Fault = "tag"            // From without tag, or a malformed or overlong one
	FaultCallID        Fault = "call_id"        // malformed or overlong Call-ID
	FaultCSeq          Fault = "cseq"           // malformed, out of range, or of another method
	FaultMaxForwards   Fault = "max_forwards"   // not 0 to 255
	FaultContentLength Fault = "content_length" // none on a stream, several, or no number
	FaultContentType   Fault = "content_type"   // a body without a type
	FaultURIHeaders    Fault = "uri_headers"    // "?header=..." where a URI may have none
	FaultURI           Fault = "request_uri"    // malformed Request-URI
	FaultScheme        Fault = "scheme"         // a URI scheme that is not spoken
	FaultContact       Fault = "contact"        // "*" where it may not stand
	FaultMethod        Fault = "method"         // not spoken
	FaultHops          Fault = "hops"           // Max-Forwards is used up
	FaultExtension     Fault = "extension"      // Require names an unknown one
	FaultMediaType     Fault = "media_type"     // body of a type or encoding that is not understood
	FaultNotAcceptable Fault = "not_acceptable" // Accept leaves no type that could be sent
	FaultResponseVias  Fault = "response_via"   // a response with other than one Via
	FaultStatus        Fault = "status"         // a response with a status code that is none
)
