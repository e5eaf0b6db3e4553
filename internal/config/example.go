package config

import (
	"strings"
)

// Example returns the text of a settings file that says what every key means and sets it to its default.
func Example() string {
	var b strings.Builder
	comment(&b, "", textHeader)
	c := defaults()
	var open []string
	for _, f := range fieldsOf(&c) {
		path := strings.Split(f.key, ".")
		sections := path[:len(path)-1]
		for i := range sections {
			if i < len(open) && open[i] == sections[i] {
				continue
			}
			open = append(open[:i:i], sections[i])
			indent := strings.Repeat("  ", i)
			b.WriteString("\n")
			comment(&b, indent, sectionTexts[strings.Join(sections[:i+1], ".")])
			b.WriteString(indent + sections[i] + ":\n")
		}
		open = open[:len(sections)]
		indent := strings.Repeat("  ", len(sections))
		comment(&b, indent, keyTexts[f.key])
		b.WriteString(indent + path[len(sections)] + ": " + quote(f.text()) + "\n")
	}
	return b.String()
}

func comment(b *strings.Builder, indent, text string) {
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(indent+"# "+line, " \n") + "\n")
	}
}

// quote keeps YAML from seeing more than a text in a value with a colon or none at all.
func quote(value string) string {
	if value == "" || strings.ContainsAny(value, ":#") {
		return `"` + value + `"`
	}
	return value
}
