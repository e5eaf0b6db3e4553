package letter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
)

// Fault is one thing wrong with a template.
type Fault struct {
	File string
	Line int // from 1; 0: the whole file
	Text string
}

// Faults is everything that is wrong with the templates.
type Faults []Fault

// Error implements error: one fault a line, in Chinese.
func (f Faults) Error() string {
	lines := []string{textFaults(len(f))}
	for _, fault := range f {
		lines = append(lines, "  "+textFault(fault))
	}
	return strings.Join(lines, "\n")
}

// checkFields returns what in a file's parts names nothing there is, in the order of lines.
func checkFields(t *template.Template) Faults {
	c := &checker{file: t.Name()}
	for _, part := range t.Templates() {
		c.tree = part.Tree
		switch {
		case part.Name() == t.Name():
			c.outside(part.Root)
		case !slices.Contains(partNames, part.Name()):
			c.fault(part.Root, textUnknownPart(part.Name()))
		default:
			c.walk(part.Root, rootFields)
		}
	}
	for _, name := range []string{partTitle, partBody} {
		if t.Lookup(name) == nil {
			c.faults = append(c.faults, Fault{c.file, 0, textMissingPart(name)})
		}
	}
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Text, b.Text)) })
	return c.faults
}

type checker struct {
	file   string
	tree   *parse.Tree
	faults Faults
}

func (c *checker) fault(n parse.Node, text string) {
	where, _ := c.tree.ErrorContext(n)
	line := 0
	if parts := strings.Split(where, ":"); len(parts) > 1 {
		line, _ = strconv.Atoi(parts[len(parts)-2]) // "letter.txt:3:14"
	}
	c.faults = append(c.faults, Fault{c.file, line, text})
}

// outside finds text that stands in no part: it would be lost.
func (c *checker) outside(list *parse.ListNode) {
	for _, n := range list.Nodes {
		text, ok := n.(*parse.TextNode)
		if !ok {
			c.fault(n, textOutside())
			continue
		}
		said := strings.TrimLeftFunc(string(text.Text), unicode.IsSpace)
		if said == "" {
			continue
		}
		c.fault(n, textOutside())
		// The node begins with the white space before it.
		c.faults[len(c.faults)-1].Line += strings.Count(string(text.Text[:len(text.Text)-len(said)]), "\n")
	}
}

// walk checks the fields that a node names; known are those of the dot, none where the dot is a text.
func (c *checker) walk(n parse.Node, known []string) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				c.walk(child, known)
			}
		}
	case *parse.ActionNode:
		c.walk(n.Pipe, known)
	case *parse.TemplateNode:
		c.walk(n.Pipe, known)
	case *parse.IfNode:
		c.branch(&n.BranchNode, known, known)
	case *parse.WithNode:
		c.branch(&n.BranchNode, known, nil)
	case *parse.RangeNode:
		c.branch(&n.BranchNode, known, elements(n.Pipe))
	case *parse.PipeNode:
		if n != nil {
			for _, command := range n.Cmds {
				c.walk(command, known)
			}
		}
	case *parse.CommandNode:
		for _, arg := range n.Args {
			c.walk(arg, known)
		}
	case *parse.ChainNode:
		c.walk(n.Node, known)
	case *parse.FieldNode:
		c.field(n, n.Ident, known)
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			c.field(n, n.Ident[1:], rootFields)
		}
	}
}

func (c *checker) branch(n *parse.BranchNode, known, inside []string) {
	c.walk(n.Pipe, known)
	c.walk(n.List, inside)
	c.walk(n.ElseList, known)
}

// elements returns the fields of what a range goes through.
func elements(pipe *parse.PipeNode) []string {
	if len(pipe.Cmds) == 1 && len(pipe.Cmds[0].Args) == 1 {
		if f, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode); ok && len(f.Ident) == 1 && f.Ident[0] == fieldList {
			return rowFields
		}
	}
	return nil
}

func (c *checker) field(n parse.Node, path, known []string) {
	if len(path) > 1 || !slices.Contains(known, path[0]) {
		c.fault(n, textUnknownField(strings.Join(path, "."), known))
	}
}
