package tasklist

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/plan"
)

// big is a list of 2,000 rows, each for up to 60 units, with new measures, known ones, misspelt units and unclear tasks.
func big(p plan.Plan, rows int) Sheet {
	s := Sheet{Rows: []Line{{N: 1, Cells: []Cell{
		{Column: 1, Text: "序号"}, {Column: 2, Text: "工作任务"}, {Column: 3, Text: "具体措施"}, {Column: 4, Text: "责任单位"}, {Column: 5, Text: "完成时限"},
	}}}}
	var all []string
	for _, u := range p.Units {
		all = append(all, u.Name)
	}
	deadlines := []string{"2024年12月底前", "每季度", "6月30日前", "尽快", "2025年底前基本实现", "①2024年6月底前；②2024年底前", "持续推进"}
	for i := range rows {
		m := p.Measures[i%len(p.Measures)]
		task, _ := p.Task(m.Task)
		text, units := fmt.Sprintf("%s（第%d批）", m.Title, i), append([]string{}, all[i%len(all):]...)
		if i%5 == 0 {
			text = m.Title
		}
		if i%7 == 0 {
			units = append(units, fmt.Sprintf("区应急%d局", i))
		}
		title := task.Title
		if i%3 == 0 {
			title = "其他" + m.Title[:len("任务任务")]
		}
		s.Rows = append(s.Rows, Line{N: i + 2, Cells: []Cell{
			{Column: 1, Text: task.Code},
			{Column: 2, Text: title},
			{Column: 3, Text: text},
			{Column: 4, Text: strings.Join(units, "、")},
			{Column: 5, Text: deadlines[i%len(deadlines)]},
		}})
	}
	return s
}

// The office sees the preview of its largest list at once: 2,000 rows and 60 units have to be read within five seconds.
func BenchmarkRead(b *testing.B) {
	p := realPlan(b)
	for len(p.Units) < 60 {
		n := len(p.Units)
		p.Units = append(p.Units, plan.Unit{Code: fmt.Sprintf("unit-%d", n), Name: fmt.Sprintf("区属第%d集团", n), Kind: plan.KindGroup})
	}
	s := big(p, 2000)
	for b.Loop() {
		require.Len(b, Read(s, Options{Plan: p, Year: 2024}).Rows, 2000)
	}
}
