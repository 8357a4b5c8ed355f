package wire

// Limits on one message. What exceeds them is refused, never cut.
const (
	// MaxMessage is the default for Rules.MaxMessage and Splitter, in bytes with
	// the body.
	MaxMessage = 16 << 10

	maxFields  = 256 // header fields in all, list headers counted by value
	maxPerKind = 64  // values of one header
	maxParams  = 64  // parameters of one value or URI
	maxTag     = 256 // bytes of a tag, of a Call-ID, of the top branch
	maxMethod  = 64  // bytes of a method
	maxParts   = 16  // parts of a multipart body
	maxEscaped = 256 // bytes Escape gives
)
