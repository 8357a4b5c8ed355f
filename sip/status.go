package sip

// reasonPhrases are those of RFC 3261 21 and the RFCs that added to it.
var reasonPhrases = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued",
	183: "Session Progress", 199: "Early Dialog Terminated",
	200: "OK", 202: "Accepted",
	300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
	405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
	408: "Request Timeout", 410: "Gone", 413: "Request Entity Too Large",
	414: "Request-URI Too Long", 415: "Unsupported Media Type", 416: "Unsupported URI Scheme",
	420: "Bad Extension", 421: "Extension Required", 422: "Session Interval Too Small",
	423: "Interval Too Brief", 480: "Temporarily Unavailable",
	481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops",
	484: "Address Incomplete", 485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated",
	488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending",
	500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway",
	503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported",
	513: "Message Too Large", 580: "Precondition Failure",
	600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere",
	606: "Not Acceptable", 607: "Unwanted", 608: "Rejected",
}

func reasonPhrase(code int) string {
	if r := reasonPhrases[code]; r != "" {
		return r
	}
	return "Unknown"
}

// causeOf maps a final status to its release cause (RFC 3398 8.2.6.1).
func causeOf(status int) int {
	switch status {
	case 400, 481, 500, 503:
		return 41 // temporary failure
	case 401, 402, 403, 407, 603, 607, 608:
		return 21 // call rejected
	case 404, 485, 604:
		return 1 // unallocated number
	case 405:
		return 63 // service or option unavailable
	case 406, 415, 501, 505:
		return 79 // service or option that we lack
	case 408, 504:
		return 102 // recovery on timer expiry
	case 410:
		return 22 // number changed
	case 413, 414, 416, 420, 421, 423, 483, 513:
		return 127 // interworking
	case 480:
		return 18 // no user responding
	case 482:
		return 25 // exchange routing error
	case 484:
		return 28 // invalid number format
	case 486, 600:
		return 17 // user busy
	case 487:
		return 16 // normal call clearing: it was cancelled
	case 488, 606:
		return 88 // incompatible destination
	case 502:
		return 38 // network out of order
	}
	return 31 // normal, unspecified
}
