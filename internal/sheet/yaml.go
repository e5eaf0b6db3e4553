package sheet

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"duban/calendar"
	"duban/tasklist"
)

// maxYAML is the longest list in YAML, in bytes: it is read as a tree, of which a byte or two make a node.
const maxYAML = 256 << 10

// readYAML reads a list of mappings as the only sheet: the names become a row of headings, and the item n the row n+1.
func readYAML(src *source, name string, left *bounds) (*Book, error) {
	if src.size > maxYAML {
		return nil, refuse(CodeTooLarge, textYAMLTooLarge)
	}
	open, err := decoding(src)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(open())
	if err != nil || bytes.ContainsRune(content, '\ufffd') {
		return nil, refuse(CodeEncoding, textEncoding)
	}
	root, err := parseYAML(content)
	if err != nil || root == nil {
		return &Book{}, err
	}
	t := yamlTable{columns: map[string]int{}, left: left}
	for i, item := range root.Content {
		if err := t.item(item, i+2); err != nil {
			return nil, err
		}
	}
	if len(t.rows) == 0 {
		return &Book{}, nil
	}
	rows := append([]tasklist.Line{{N: 1, Cells: t.headings}}, t.rows...)
	return &Book{Sheets: []tasklist.Sheet{{Name: name, Rows: withoutReasons(rows)}}}, nil
}

// parseYAML returns the list; nil where the text holds nothing.
func parseYAML(content []byte) (root *yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			root, err = nil, damaged()
		}
	}()
	var document, second yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(content))
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, refuse(CodeDamaged, textYAML(err))
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, refuse(CodeDamaged, textYAMLShape(max(second.Line, 1)))
	}
	root = document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.SequenceNode {
		return nil, refuse(CodeDamaged, textYAMLShape(root.Line))
	}
	return root, nil
}

// yamlTable is a list that becomes a table.
type yamlTable struct {
	columns  map[string]int // by heading
	headings []tasklist.Cell
	rows     []tasklist.Line
	left     *bounds
}

func (t *yamlTable) item(item *yaml.Node, row int) error {
	if item.Kind != yaml.MappingNode {
		return refuse(CodeDamaged, textYAMLShape(item.Line))
	}
	cells := make([]tasklist.Cell, len(t.columns), len(t.columns)+len(item.Content)/2)
	seen := map[int]bool{}
	for i := 0; i+1 < len(item.Content); i += 2 {
		key, value := item.Content[i], item.Content[i+1]
		column, err := t.column(key)
		if err != nil {
			return err
		}
		if seen[column] {
			return refuse(CodeDamaged, textYAMLTwice(key.Line, key.Value))
		}
		seen[column] = true
		text, date, err := yamlText(value)
		if err != nil {
			return err
		}
		for len(cells) < column {
			cells = append(cells, tasklist.Cell{})
		}
		cells[column-1] = tasklist.Cell{Column: column, Text: normal(text), Date: date}
	}
	line := tasklist.Line{N: row}
	for _, c := range cells {
		if c.Text != "" {
			line.Cells = append(line.Cells, c)
			if err := t.left.cell(len(c.Text)); err != nil {
				return err
			}
		}
	}
	if len(line.Cells) == 0 {
		return nil
	}
	t.rows = append(t.rows, line)
	return t.left.row(row)
}

// column is where what the key names stands: a field's name is the same as its heading.
func (t *yamlTable) column(key *yaml.Node) (int, error) {
	if key.Kind != yaml.ScalarNode {
		return 0, refuse(CodeDamaged, textYAMLShape(key.Line))
	}
	heading := strings.TrimSpace(key.Value)
	if known, ok := headings[tasklist.Field(heading)]; ok {
		heading = known
	}
	if heading == "" || key.Tag == "!!merge" {
		return 0, refuse(CodeDamaged, textYAMLShape(key.Line))
	}
	column, ok := t.columns[heading]
	if !ok {
		column = len(t.columns) + 1
		if column > MaxColumns {
			return 0, refuse(CodeTooLarge, textTooMuch)
		}
		t.columns[heading] = column
		t.headings = append(t.headings, tasklist.Cell{Column: column, Text: heading})
	}
	return column, nil
}

// yamlText is a value as it was typed; the parts of a list are separated as in Chinese.
func yamlText(n *yaml.Node) (string, calendar.Date, error) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return "", 0, nil
	case n.Kind == yaml.ScalarNode:
		date, err := calendar.ParseDate(n.Value)
		if n.Tag != "!!timestamp" || err != nil {
			date = 0
		}
		return strings.TrimSuffix(n.Value, "\n"), date, nil
	case n.Kind != yaml.SequenceNode:
		return "", 0, refuse(CodeDamaged, textYAMLShape(n.Line))
	}
	var texts []string
	for _, part := range n.Content {
		if part.Kind != yaml.ScalarNode {
			return "", 0, refuse(CodeDamaged, textYAMLShape(part.Line))
		}
		texts = append(texts, part.Value)
	}
	return strings.Join(texts, "、"), 0, nil
}
