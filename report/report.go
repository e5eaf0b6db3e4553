// Package report says what a written report (报告) holds: headings, paragraphs, tables and charts in the order in which they are
// read. Whoever composes one knows nothing of files, and whoever sets it nothing of what it is about.
package report

import "duban/calendar"

// Report is a whole report. Every text is one line.
type Report struct {
	Title    string        // may wrap
	Subtitle string        // under the title: the period, 截至; "": none
	Number   string        // 长安委办〔2026〕5号; "": none, and no red heading
	Issuer   string        // above the date, and over a report that has a number
	To       string        // addressee, without the colon; "": none
	Date     calendar.Date // zero: left open
	Mark     string        // across the head of every page: 草稿; "": none
	Blocks   []Block
}

// Block is one of Heading, Paragraph, Note, Table and Chart.
type Block interface{ block() }

// Heading begins a part. It is numbered as it is set: 一、（一） 1.
type Heading struct {
	Level int // 1 to 3
	Text  string
}

// Paragraph is running text.
type Paragraph struct{ Text string }

// Note is a line of small text under a table or a chart.
type Note struct{ Text string }

// Table is set with its head repeated on every page. It is numbered as it is set: 表1.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]string // each with a text for every column
	Total   bool       // the last row sums up the others
	Wide    bool       // on pages in landscape
}

// Column is one of a table's.
type Column struct {
	Heading string
	Width   int // as a share of the sum of all
	Align   Align
}

// Align is where a column's texts stand.
type Align string

// The ways to align.
const (
	Center Align = ""
	Left   Align = "left"
	Right  Align = "right"
)

// Chart is drawn from its figures, and numbered as it is set: 图1.
type Chart struct {
	Caption    string
	Kind       ChartKind
	Categories []string
	Series     []Series
	Percent    bool // values are shares from 0 to 1
}

// ChartKind is how a chart looks.
type ChartKind string

// The kinds of charts.
const (
	Columns        ChartKind = "columns"         // upright, side by side
	StackedColumns ChartKind = "stacked_columns" // upright, one on the other
	Bars           ChartKind = "bars"            // lying, the first category on top
	StackedBars    ChartKind = "stacked_bars"
	Lines          ChartKind = "lines"
)

// Series are the values of one name, one for each category.
type Series struct {
	Name   string
	Tone   Tone
	Values []float64
}

// Tone is the colour of a series.
type Tone string

// The tones: those of lights, and one for all else.
const (
	Blue   Tone = ""
	Green  Tone = "green"
	Yellow Tone = "yellow"
	Red    Tone = "red"
	Grey   Tone = "grey"
)

func (Heading) block()   {}
func (Paragraph) block() {}
func (Note) block()      {}
func (Table) block()     {}
func (Chart) block()     {}
