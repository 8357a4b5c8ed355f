package configs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// nestingMax bounds how deep a text may nest. The deepest key is three down;
// the parser takes quadratic time in it.
const nestingMax = 32

// root parses a text to its one document and returns that document's mapping,
// or nil when the text isn't such a thing. An empty text is an empty mapping.
func (d *decoder) root(text []byte) *mapping {
	top := place{1, 1}
	if len(text) > textMax {
		d.fault(top, "the file is larger than %d MiB: a configuration is one file of settings", textMax>>20)
		return nil
	}
	if at, ok := invalidUTF8(text); ok {
		d.fault(at, "a byte that is not UTF-8: save the file as UTF-8")
		return nil
	}
	file := d.parse(strings.TrimPrefix(string(text), "\ufeff")) // some editors' byte order mark
	if file == nil {
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.DirectiveType:
		case body != nil:
			d.fault(position(doc.Body), "a second document: a configuration is one document, without ---")
		default:
			body = doc.Body
		}
	}
	if body == nil {
		return &mapping{d: d, at: top}
	}
	return d.mapping(body, "")
}

// parse makes the syntax tree. A syntax error is one fault, as nothing after
// it can be understood.
func (d *decoder) parse(text string) (file *ast.File) {
	// The parser is not ours, and a text must never bring the switch down.
	defer func() {
		if r := recover(); r != nil {
			d.fault(place{1, 1}, "the text is not YAML that can be read")
			file = nil
		}
	}()
	tokens := lexer.Tokenize(text)
	if at, deep := tooDeep(tokens); deep {
		d.fault(at, "nested more than %d deep: no setting is", nestingMax)
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err == nil {
		return file
	}
	at, says := place{1, 1}, "the text is not YAML"
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		says = "not YAML: " + withoutQuotation(syntax.GetMessage())
		if tk := syntax.GetToken(); tk != nil && tk.Position != nil {
			at = place{tk.Position.Line, tk.Position.Column}
		}
	}
	d.fault(at, "%s", says)
	return nil
}

// withoutQuotation drops what a message of the parser quotes from the text: it
// could stand in a secret. Such messages end or begin with the quotation.
func withoutQuotation(message string) string {
	before, rest, quoted := strings.Cut(message, `"`)
	if !quoted {
		return message
	}
	if i := strings.LastIndex(rest, `"`); i >= 0 {
		rest = rest[i+1:]
	}
	return strings.TrimSpace(before + "a character" + rest)
}

func tooDeep(tokens token.Tokens) (place, bool) {
	depth, line, dashes := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, dashes = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		// Block nesting takes a column a level at least.
		block := tk.Type == token.SequenceEntryType || tk.Type == token.MappingValueType && depth == 0
		if depth > nestingMax || dashes > nestingMax || block && tk.Position.IndentNum > 8*nestingMax {
			return place{tk.Position.Line, tk.Position.Column}, true
		}
	}
	return place{}, false
}

func invalidUTF8(text []byte) (place, bool) {
	if utf8.Valid(text) {
		return place{}, false
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			line := text[bytes.LastIndexByte(text[:i], '\n')+1 : i]
			return place{1 + bytes.Count(text[:i], []byte("\n")), 1 + utf8.RuneCount(line)}, true
		}
		i += n
	}
	return place{}, false
}

// position is where a node begins. The parser's own answer for a block mapping
// and its entries is the first colon.
func position(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return position(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(n.Key)
	}
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return place{tk.Position.Line, tk.Position.Column}
	}
	return place{1, 1}
}

// found names what a node is, for a fault about its shape. It never shows the
// node's text, which may be a secret.
func found(n ast.Node) string {
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.SequenceType:
		return "a list"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	case ast.BoolType:
		return "true or false"
	case ast.NullType:
		return "nothing"
	case ast.StringType, ast.LiteralType:
		return "a text"
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType:
		return "an anchor or alias, which are not read here"
	case ast.TagType:
		return "a tag, which are not read here"
	}
	return fmt.Sprintf("a %s", strings.ToLower(n.Type().String()))
}
