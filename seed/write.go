package seed

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"duban/plan"
)

// Write writes a bundle into a folder as the files that Load reads. What stands there already is not overwritten: the error is
// fs.ErrExist.
func Write(folder string, b *Bundle) error {
	if err := os.MkdirAll(filepath.Join(folder, tasksDir), 0o755); err != nil {
		return err
	}
	head := b.Plan
	head.Tasks, head.Measures, head.Units = nil, nil, nil
	root, err := nodeOf(head)
	if err != nil {
		return err
	}
	for _, key := range []string{"tasks", "measures", "units"} {
		drop(root, key)
	}
	files := map[string]any{
		planFile: root, unitsFile: map[string]any{"units": b.Plan.Units}, calendarFile: b.Calendar, laddersFile: map[string]any{"ladders": b.Ladders},
	}
	if b.Assessment != nil {
		files[assessmentFile] = b.Assessment
	}
	for _, t := range b.Plan.Tasks {
		file := filepath.Join(tasksDir, "task-"+t.Code+".yaml")
		entry, err := taskNode(t, b.Plan.MeasuresOf(t.Code))
		if err != nil {
			return err
		}
		files[file] = map[string]any{"tasks": []any{entry}}
	}
	for name, content := range files {
		if err := writeFile(filepath.Join(folder, name), content); err != nil {
			return err
		}
	}
	return nil
}

// taskNode is a task with its measures as it stands in a file.
func taskNode(t plan.Task, measures []plan.Measure) (*yaml.Node, error) {
	n, err := nodeOf(t)
	if err != nil {
		return nil, err
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, m := range measures {
		item, err := nodeOf(m)
		if err != nil {
			return nil, err
		}
		drop(item, "task")
		list.Content = append(list.Content, item)
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "measures"}, list)
	return n, nil
}

func writeFile(name string, content any) error {
	n, err := nodeOf(content)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	e := yaml.NewEncoder(f)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		_ = f.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := e.Close(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// nodeOf returns a value as YAML. It goes by JSON, whose names are the same, since that leaves out what is none, and keeps the
// order of the fields.
func nodeOf(v any) (*yaml.Node, error) {
	switch v := v.(type) {
	case *yaml.Node:
		return v, nil
	case map[string]any:
		out := &yaml.Node{Kind: yaml.MappingNode}
		for key, value := range v { // these have one key
			n, err := nodeOf(value)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, n)
		}
		return out, nil
	case []any:
		out := &yaml.Node{Kind: yaml.SequenceNode}
		for _, value := range v {
			n, err := nodeOf(value)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, n)
		}
		return out, nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	n := doc.Content[0]
	tidy(n, 0)
	return n, nil
}

// flowFrom is the depth from which lists and mappings stand on one line.
const flowFrom = 2

// tidy gives what was JSON the form that people edit: no quotes where none are needed, short things on one line.
func tidy(n *yaml.Node, depth int) {
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		n.Style &^= yaml.FlowStyle
		if depth >= flowFrom || n.Kind == yaml.SequenceNode && scalars(n) {
			n.Style |= yaml.FlowStyle
		}
	case yaml.ScalarNode:
		n.Style = 0
	case yaml.DocumentNode, yaml.AliasNode: // JSON has none
	}
	for _, c := range n.Content {
		tidy(c, depth+1)
	}
}

func scalars(n *yaml.Node) bool {
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}

// drop removes a key of a mapping.
func drop(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i], n.Content[i+2:]...)
			return
		}
	}
}
