package seed

import (
	"bytes"
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// place is where a value stands.
type place struct {
	file string
	line int
}

// decoder turns YAML into values. Other than the YAML library it goes on after a fault, takes every fault's line,
// speaks Chinese, refuses unknown fields, and remembers where each value stands, so that what is found wrong with
// the values later can be traced to its line.
type decoder struct {
	faults []Fault
	places map[string]place
	failed map[string]bool // paths whose value could not be taken
}

// newDecoder returns a decoder that traces what it can't place to the start of the file.
func newDecoder(file string) decoder {
	return decoder{places: map[string]place{"": {file, 1}}, failed: map[string]bool{}}
}

// Read reads a file of YAML, or of JSON, into what v points to: a struct whose fields are named by their yaml or json tags. The
// error is always *Faults, each with its line.
func Read(file string, content []byte, v any) error {
	d := newDecoder(file)
	if root := d.root(file, content); root != nil {
		d.value(file, "", root, reflect.ValueOf(v).Elem())
	}
	if len(d.faults) > 0 {
		return (&Faults{d.faults}).sorted()
	}
	return nil
}

func (d *decoder) add(file string, line int, code string, args ...any) {
	d.faults = append(d.faults, newFault(file, line, code, args...))
}

// fail reports a value that can't be taken.
func (d *decoder) fail(at place, path, code string, args ...any) {
	d.failed[path] = true
	d.add(at.file, at.line, code, args...)
}

// locate returns the place of the path's value, or of the nearest thing around it.
func (d *decoder) locate(path string) place {
	for {
		if at, ok := d.places[path]; ok || path == "" {
			return at
		}
		path = parent(path)
	}
}

// spoilt reports whether the path's value or something around it could not be taken: what follows from that is no
// fault of its own.
func (d *decoder) spoilt(path string) bool {
	for ; path != ""; path = parent(path) {
		if d.failed[path] {
			return true
		}
	}
	return false
}

func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// The YAML library counts the lines of these from 0, and those of all other faults from 1.
var fromZero = regexp.MustCompile(`^did not find expected (key|node content|'-' indicator|',' or|<document start>)`)

// parse returns the root of a file, or nil after a fault.
func (d *decoder) parse(file string, content []byte) (root *yaml.Node) {
	if !utf8.Valid(content) {
		line := 1
		for rest := content; ; {
			r, size := utf8.DecodeRune(rest)
			if r == utf8.RuneError && size <= 1 {
				break
			}
			if r == '\n' {
				line++
			}
			rest = rest[size:]
		}
		d.add(file, line, CodeEncoding)
		return nil
	}
	// The files come from outside; a fault of the parser is a fault of the file to those who wrote it.
	defer func() {
		if r := recover(); r != nil {
			d.add(file, 1, CodeSyntax, "无法解析")
			root = nil
		}
	}()
	decode := yaml.NewDecoder(bytes.NewReader(content))
	var doc yaml.Node
	if err := decode.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		d.syntax(file, content, err)
		return nil
	}
	if len(doc.Content) == 0 || null(doc.Content[0]) {
		d.add(file, 1, CodeSyntax, "文件是空的")
		return nil
	}
	var next yaml.Node
	if err := decode.Decode(&next); err == nil {
		d.add(file, next.Line, CodeDocuments)
	} else if !errors.Is(err, io.EOF) {
		d.syntax(file, content, err)
	}
	if !d.plain(file, doc.Content[0]) {
		return nil
	}
	return doc.Content[0]
}

func (d *decoder) syntax(file string, content []byte, err error) {
	line, detail := 1, err.Error()
	if m := syntaxLine.FindStringSubmatch(detail); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		detail = m[2]
		if m[1] != "" && fromZero.MatchString(detail) {
			line = min(line+1, 1+bytes.Count(content, []byte("\n")))
		}
	}
	d.add(file, line, CodeSyntax, detail)
}

// plain reports whether nothing below the node is an anchor or alias.
func (d *decoder) plain(file string, n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.add(file, n.Line, CodeAlias)
		return false
	}
	ok := true
	for _, child := range n.Content {
		ok = d.plain(file, child) && ok
	}
	return ok
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	at    place
	value *yaml.Node
}

// mapping returns the entries of a mapping, each key once.
func (d *decoder) mapping(file, path string, n *yaml.Node) []entry {
	if n.Kind != yaml.MappingNode {
		d.fail(place{file, n.Line}, path, CodeWrongType, name(path), mappingForm)
		return nil
	}
	var entries []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.add(file, key.Line, CodeWrongType, "字段名", "文字")
		case seen[key.Value]:
			d.add(file, key.Line, CodeDuplicateKey, key.Value)
		default:
			seen[key.Value] = true
			entries = append(entries, entry{key.Value, place{file, key.Line}, value})
		}
	}
	return entries
}

// sequence returns the items of a list and notes where they stand.
func (d *decoder) sequence(file, path string, n *yaml.Node) []*yaml.Node {
	if null(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.fail(place{file, n.Line}, path, CodeWrongType, name(path), listForm)
		return nil
	}
	return n.Content
}

// value decodes the node into v, which stands at the path. Nothing written is nothing changed.
func (d *decoder) value(file, path string, n *yaml.Node, v reflect.Value) {
	at := place{file, n.Line}
	if _, known := d.places[path]; !known {
		d.places[path] = at
	}
	if null(n) {
		return
	}
	if v.Type() == reflect.TypeFor[*yaml.Node]() {
		v.Set(reflect.ValueOf(n)) // read elsewhere
		return
	}
	if text, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		if n.Kind != yaml.ScalarNode {
			d.fail(at, path, CodeWrongType, name(path), "单个值")
		} else if err := text.UnmarshalText([]byte(n.Value)); err != nil {
			d.fail(at, path, CodeBadValue, field(path), err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(file, path, n, v.Elem())
	case reflect.Struct:
		d.structure(file, path, n, v)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, e := range d.mapping(file, path, n) {
			at := join(path, e.key)
			d.places[at] = e.at
			item := reflect.New(v.Type().Elem()).Elem()
			d.value(file, at, e.value, item)
			v.SetMapIndex(reflect.ValueOf(e.key), item)
		}
	case reflect.Slice:
		for i, item := range d.sequence(file, path, n) {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			d.value(file, fmt.Sprintf("%s[%d]", path, i), item, v.Index(i))
		}
	case reflect.String:
		if n.Kind != yaml.ScalarNode || !textual(n) {
			d.fail(at, path, CodeWrongType, name(path), "文字")
			return
		}
		v.SetString(n.Value)
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil {
			d.fail(at, path, CodeWrongType, name(path), "整数")
			return
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
			d.fail(at, path, CodeWrongType, name(path), " true 或 false")
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	default:
		panic(fmt.Sprintf("seed: no rule for reading %s", v.Type()))
	}
}

func (d *decoder) structure(file, path string, n *yaml.Node, v reflect.Value) {
	fields := map[string]reflect.Value{}
	names := fieldsOf(v, fields)
	for _, e := range d.mapping(file, path, n) {
		field, ok := fields[e.key]
		if !ok {
			d.add(file, e.at.line, CodeUnknownField, e.key, strings.Join(names, "、"))
			continue
		}
		at := join(path, e.key)
		d.places[at] = e.at
		d.value(file, at, e.value, field)
	}
}

// fieldsOf fills in the struct's fields by the names that files give them, else by those of the API, and returns the names in
// order. The fields of an inline or embedded struct stand among those around it.
func fieldsOf(v reflect.Value, fields map[string]reflect.Value) []string {
	var names []string
	for i := range v.NumField() {
		field := v.Type().Field(i)
		tag, option, _ := strings.Cut(cmp.Or(field.Tag.Get("yaml"), field.Tag.Get("json")), ",")
		switch {
		case tag == "-":
		case option == "inline", field.Anonymous && tag == "":
			names = append(names, fieldsOf(v.Field(i), fields)...)
		default:
			fields[tag] = v.Field(i)
			names = append(names, tag)
		}
	}
	return names
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// name is what people call the value at the path: its field, an item of a list, or the whole file.
func name(path string) string {
	switch {
	case path == "":
		return "文件内容"
	case strings.HasSuffix(path, "]"):
		return field(path) + " 的每一项"
	}
	return field(path)
}

// field returns the last field of the path.
func field(path string) string {
	path = path[strings.LastIndexByte(path, '.')+1:]
	name, _, _ := strings.Cut(path, "[")
	return name
}

func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// textual reports whether a scalar can be taken as it is written: "10.1" is a code, whatever YAML makes of it.
func textual(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!timestamp":
		return true
	}
	return false
}
