package letter

import (
	"fmt"
	"strconv"
	"strings"

	"duban/report"
)

// Where charts are announced and referred to; each takes the chart's number.
const (
	chartType     = `<Override PartName="/word/charts/chart%d.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>`
	chartRelation = `<Relationship Id="rId3%[1]d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart" Target="charts/chart%[1]d.xml"/>`
)

func chartPart(n int) string { return fmt.Sprintf("word/charts/chart%d.xml", n) }

// A chart's measures in millimetres.
const (
	chartWidth  = 152
	chartHeight = 70
	barsTop     = 22  // what lying bars need besides
	barHeight   = 7   // for each category
	barsMost    = 195 // a page, with the caption
	emu         = 36000
)

// drawing is a chart as DrawingML. Its figures are kept in the part itself (cached): it needs no workbook to be shown.
type drawing struct{ report.Chart }

var tones = map[report.Tone]string{report.Blue: "2F5D8C", report.Green: "4E9A6B", report.Yellow: "E5B32E", report.Red: "C0392B", report.Grey: "A5A5A5"}

func (d drawing) lying() bool { return d.Kind == report.Bars || d.Kind == report.StackedBars }

func (d drawing) stacked() bool {
	return d.Kind == report.StackedBars || d.Kind == report.StackedColumns
}

func (d drawing) height() int {
	if !d.lying() {
		return chartHeight
	}
	return min(barsTop+barHeight*len(d.Categories), barsMost)
}

// inline returns what stands for the chart in the text.
func (d drawing) inline(n int) string {
	return fmt.Sprintf(`<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">`+
		`<wp:extent cx="%d" cy="%d"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:docPr id="%d" name="%s" descr="%s"/><wp:cNvGraphicFramePr/>`+
		`<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">`+
		`<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" r:id="rId3%d"/></a:graphicData></a:graphic></wp:inline></w:drawing>`,
		chartWidth*emu, d.height()*emu, n, escape(fmt.Sprintf(textChartName, n)), escape(d.Caption), n)
}

// part returns word/charts/chartN.xml. The order of elements is the schema's: Word refuses another.
func (d drawing) part() string {
	axes := `<c:axId val="1"/><c:axId val="2"/>`
	var plot string
	if d.Kind == report.Lines {
		plot = `<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>` + d.series() + `<c:marker val="1"/>` + axes + `</c:lineChart>`
	} else {
		direction, grouping, overlap := "col", "clustered", "0"
		if d.lying() {
			direction = "bar"
		}
		if d.stacked() {
			grouping, overlap = "stacked", "100"
		}
		plot = `<c:barChart><c:barDir val="` + direction + `"/><c:grouping val="` + grouping + `"/><c:varyColors val="0"/>` + d.series() +
			`<c:gapWidth val="50"/><c:overlap val="` + overlap + `"/>` + axes + `</c:barChart>`
	}
	legend := ""
	if len(d.Series) > 1 {
		legend = `<c:legend><c:legendPos val="b"/><c:overlay val="0"/>` + chartText(1050) + `</c:legend>`
	}
	return xmlHead + `<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"` +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><c:date1904 val="0"/><c:roundedCorners val="0"/>` +
		`<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>` + plot + d.axes() + `</c:plotArea>` + legend +
		`<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>` +
		`<c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln><a:noFill/></a:ln></c:spPr>` + chartText(1000) + `</c:chartSpace>`
}

// axes returns both. Lying bars have the first category on top, and the values below the last.
func (d drawing) axes() string {
	categories, values, order, crosses := "b", "l", "minMax", "autoZero"
	if d.lying() {
		categories, values, order, crosses = "l", "b", "maxMin", "max"
	}
	bounds := `<c:min val="0"/>`
	if d.Percent {
		bounds = `<c:max val="1"/>` + bounds
	}
	line := func(color string) string {
		return `<a:ln w="6350"><a:solidFill><a:srgbClr val="` + color + `"/></a:solidFill></a:ln>`
	}
	return `<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="` + order + `"/></c:scaling><c:delete val="0"/><c:axPos val="` + categories + `"/>` +
		`<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>` +
		`<c:spPr>` + line("808080") + `</c:spPr>` + chartText(1000) +
		`<c:crossAx val="2"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:tickLblSkip val="1"/><c:noMultiLvlLbl val="1"/></c:catAx>` +
		`<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/>` + bounds + `</c:scaling><c:delete val="0"/><c:axPos val="` + values + `"/>` +
		`<c:majorGridlines><c:spPr>` + line("D9D9D9") + `</c:spPr></c:majorGridlines><c:numFmt formatCode="` + d.format() + `" sourceLinked="0"/>` +
		`<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>` + chartText(1000) +
		`<c:crossAx val="1"/><c:crosses val="` + crosses + `"/><c:crossBetween val="between"/></c:valAx>`
}

func (d drawing) format() string {
	if d.Percent {
		return "0%"
	}
	return "0"
}

// series returns all of them, with their names, categories and values.
func (d drawing) series() string {
	var b strings.Builder
	for i, s := range d.Series {
		color := tones[s.Tone]
		shape := `<c:spPr><a:solidFill><a:srgbClr val="` + color + `"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>`
		if d.Kind == report.Lines {
			mark := `<c:marker><c:symbol val="` + [...]string{"circle", "square", "triangle", "diamond"}[i%4] + `"/><c:size val="6"/><c:spPr><a:solidFill><a:srgbClr val="` + color +
				`"/></a:solidFill><a:ln><a:noFill/></a:ln></c:spPr></c:marker>`
			shape = `<c:spPr><a:ln w="22225"><a:solidFill><a:srgbClr val="` + color + `"/></a:solidFill></a:ln></c:spPr>` + mark
		}
		column := string(rune('B' + i%25))
		fmt.Fprintf(&b, `<c:ser><c:idx val="%[1]d"/><c:order val="%[1]d"/><c:tx><c:strRef><c:f>Sheet1!$%[2]s$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>%[3]s</c:v></c:pt></c:strCache></c:strRef></c:tx>`,
			i, column, escape(s.Name))
		b.WriteString(shape + d.labels(i, s))
		last := len(d.Categories) + 1
		fmt.Fprintf(&b, `<c:cat><c:strRef><c:f>Sheet1!$A$2:$A$%d</c:f><c:strCache><c:ptCount val="%d"/>`, last, len(d.Categories))
		for k, name := range d.Categories {
			fmt.Fprintf(&b, `<c:pt idx="%d"><c:v>%s</c:v></c:pt>`, k, escape(name))
		}
		fmt.Fprintf(&b, `</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:f>Sheet1!$%[1]s$2:$%[1]s$%[2]d</c:f><c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="%[3]d"/>`,
			column, last, len(d.Categories))
		for k, v := range s.Values {
			fmt.Fprintf(&b, `<c:pt idx="%d"><c:v>%s</c:v></c:pt>`, k, strconv.FormatFloat(v, 'f', -1, 64))
		}
		b.WriteString(`</c:numCache></c:numRef></c:val>`)
		if d.Kind == report.Lines {
			b.WriteString(`<c:smooth val="0"/>`)
		}
		b.WriteString(`</c:ser>`)
	}
	return b.String()
}

// smallest is the share of the longest stack below which a piece is too small for its label.
const smallest = 0.06

// labels writes the values into the chart, but no zeros, and in a stack none that would stand on others.
func (d drawing) labels(i int, s report.Series) string {
	place, color, unlabelled := "outEnd", "000000", ""
	switch {
	case d.Kind == report.Lines:
		place = [...]string{"t", "b"}[i%2]
	case d.stacked():
		place = "ctr"
		if s.Tone == report.Red || s.Tone == report.Blue {
			color = "FFFFFF"
		}
		for k, v := range s.Values {
			if v < smallest*d.longest() {
				unlabelled += fmt.Sprintf(`<c:dLbl><c:idx val="%d"/><c:delete val="1"/></c:dLbl>`, k)
			}
		}
	}
	return `<c:dLbls>` + unlabelled + `<c:numFmt formatCode="` + d.format() + `;;" sourceLinked="0"/><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>` + coloured(900, color) +
		`<c:dLblPos val="` + place + `"/>` +
		`<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>`
}

// longest returns the sum of the longest stack.
func (d drawing) longest() float64 {
	out := 0.0
	for k := range d.Categories {
		sum := 0.0
		for _, s := range d.Series {
			sum += s.Values[k]
		}
		out = max(out, sum)
	}
	return out
}

// chartText sets a chart's texts; the size is in hundredths of a point.
func chartText(size int) string { return coloured(size, "000000") }

func coloured(size int, color string) string {
	return fmt.Sprintf(`<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="%d" b="0"><a:solidFill><a:srgbClr val="%s"/></a:solidFill><a:latin typeface="%[3]s"/><a:ea typeface="%[3]s"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>`,
		size, color, fontPage)
}
