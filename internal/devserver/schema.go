package devserver

import (
	"regexp"
	"slices"
	"strings"
)

// The server brings one SQLite schema for both of its stores. It is split over two files here, and the list of
// workflows is relieved of what makes every write to it dear: the server keeps some fifty indexes and two
// full-text tables up to date for each row. Queries give the same answers without them.

const visibilityTable = "executions_visibility"

// mainSchema keeps the statements of the main store.
func mainSchema(stmt string) []string {
	if strings.Contains(stmt, visibilityTable) {
		return nil
	}
	return []string{stmt}
}

// visibilityIndexes are those that queries of the UI and of the operators' commands use: the order of the list,
// and its usual filters. Any other filter reads the namespace's rows in order, of which a district has
// tens of thousands.
var visibilityIndexes = []string{
	"default_idx", "by_workflow_id", "by_workflow_type", "by_status",
}

var (
	indexName     = regexp.MustCompile(`^\s*CREATE INDEX (\w+)`)
	triggerName   = regexp.MustCompile(`^\s*CREATE TRIGGER (\w+)`)
	triggerColumn = regexp.MustCompile(`(?:NEW|OLD)\.(\w+)`)
)

// visibilitySchema keeps the statements of the list of workflows, without the indexes nobody uses, and with
// triggers that leave the full-text tables alone while a row has nothing to put there, as is the rule: they hold
// texts and lists of keywords, of which duban has none, and the engine only reported problems and versions.
func visibilitySchema(stmt string) []string {
	if !strings.Contains(stmt, visibilityTable) {
		return nil
	}
	if m := indexName.FindStringSubmatch(stmt); m != nil && !slices.Contains(visibilityIndexes, m[1]) {
		return nil
	}
	m := triggerName.FindStringSubmatch(stmt)
	if m == nil {
		return []string{stmt}
	}
	// An update ends the old row and begins the new one, so it takes the bodies of the other two. The end is told
	// before the update, for triggers of one moment run in no defined order.
	switch m[1] {
	case visibilityTable + "_ai":
		return []string{
			onlyIfFilled(stmt, "NEW"),
			onlyIfFilled(retitle(stmt, "_ai AFTER INSERT", "_au AFTER UPDATE"), "NEW"),
		}
	case visibilityTable + "_ad":
		return []string{
			onlyIfFilled(stmt, "OLD"),
			onlyIfFilled(retitle(stmt, "_ad AFTER DELETE", "_bu BEFORE UPDATE"), "OLD"),
		}
	case visibilityTable + "_au":
		return nil
	}
	return []string{stmt}
}

func retitle(stmt, old, with string) string { return strings.Replace(stmt, old, with, 1) }

// onlyIfFilled lets a trigger run only when one of the columns it copies is not null in the row (NEW or OLD).
func onlyIfFilled(stmt, row string) string {
	var columns []string
	for _, m := range triggerColumn.FindAllStringSubmatch(stmt, -1) {
		if m[1] != "rowid" {
			columns = append(columns, row+"."+m[1])
		}
	}
	slices.Sort(columns)
	when := "WHEN coalesce(" + strings.Join(slices.Compact(columns), ", ") + ") IS NOT NULL BEGIN"
	return strings.Replace(stmt, "BEGIN", when, 1)
}
