package config

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// yaml takes the settings of a file as they are written: a password of digits keeps its leading zeros, a date stays
// a text. That, and the line of each value, is why the file is read node by node.
func (l *loader) yaml(path string, text []byte) {
	name := filepath.Base(path)
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return // an empty file sets nothing
	}
	if err == nil && !errors.Is(d.Decode(&more), io.EOF) {
		l.fault("", name, textYAMLMore)
		return
	}
	if err != nil {
		l.fault("", name, textYAML(lineOf(err)))
		return
	}
	l.node(name, "", doc.Content[0])
}

func (l *loader) node(file, key string, n *yaml.Node) {
	source := textLine(file, n.Line)
	_, leaf := l.fields[key]
	switch n.Kind {
	case yaml.MappingNode:
		if leaf {
			l.fault(key, source, textNotSection)
			return
		}
		l.mapping(file, key, n)
	case yaml.ScalarNode:
		switch {
		case n.Tag == "!!null":
			// A key without a value is not set.
		case leaf:
			l.set(key, n.Value, source)
		default:
			l.fault(key, source, textSection)
		}
	case yaml.AliasNode:
		l.fault(key, source, textAlias)
	case yaml.SequenceNode, yaml.DocumentNode:
		l.fault(key, source, textNotList)
	}
}

func (l *loader) mapping(file, section string, n *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		key := name.Value
		if section != "" {
			key = section + "." + key
		}
		switch {
		case seen[key]:
			l.fault(key, textLine(file, name.Line), textTwice)
		case !l.known(key):
			l.fault(key, textLine(file, name.Line), l.unknown(key))
		default:
			l.node(file, key, value)
		}
		seen[key] = true
	}
}

func (l *loader) known(key string) bool {
	_, leaf := l.fields[key]
	return leaf || len(l.under(key)) > 0
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// lineOf returns the line a syntax error names, or "". The rest of its text is not shown, because it may repeat the
// file's: a password that begins with an asterisk reads as an unknown anchor.
func lineOf(err error) string {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return ""
}
