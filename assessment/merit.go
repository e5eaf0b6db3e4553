package assessment

import (
	"fmt"
	"slices"

	"duban/obligation"
)

// Merit is a fact that people decide about a commendation by: a unit has it where all holds that it asks for.
type Merit struct {
	Code   string `json:"code" yaml:"code"`
	Title  string `json:"title" yaml:"title"`
	Done   int    `json:"done,omitempty" yaml:"done"`     // so many at least are done
	OnTime bool   `json:"onTime,omitempty" yaml:"onTime"` // none is late or overdue
	Passed bool   `json:"passed,omitempty" yaml:"passed"` // no report was returned
	Upper  int    `json:"upper,omitempty" yaml:"upper"`   // its rank is among so many; 0: any
	Grade  Grade  `json:"grade,omitempty" yaml:"grade"`   // the office gave it this one; "": any
}

// MeritFault is what is wrong with one merit.
type MeritFault struct {
	Index int // of the merit
	text  string
}

// Error implements error, in Chinese.
func (f *MeritFault) Error() string { return f.text }

func (r Rules) meritFaults(i int, m Merit) []error {
	var out []error
	fault := func(format string, args ...any) { out = append(out, &MeritFault{i, fmt.Sprintf(format, args...)}) }
	switch {
	case m.Code == "":
		fault(meritCode, i+1)
	case slices.ContainsFunc(r.Merits[:i], func(other Merit) bool { return other.Code == m.Code }):
		fault(meritTwice, m.Code)
	case m.Done < 0 || m.Upper < 0:
		fault(meritNegative, m.Code)
	case m.Grade != "" && !slices.Contains(Grades, m.Grade):
		fault(meritGrade, m.Code, m.Grade, listed(Grades))
	case m.Done == 0 && !m.OnTime && !m.Passed && m.Upper == 0 && m.Grade == "":
		fault(meritNothing, m.Code)
	}
	return out
}

// holds reports whether a unit of the ranking has it.
func (m Merit) holds(u UnitScore, grade Grade) bool {
	f := u.Figures
	return f.OnTime+f.Late >= m.Done && (!m.OnTime || f.Late+f.Overdue == 0 && f.OnTime > 0) && (!m.Passed || f.Returned == 0 && f.OnTime+f.Late > 0) &&
		(m.Upper == 0 || u.Rank <= m.Upper) && (m.Grade == "" || m.Grade == grade)
}

// Merits returns the merits that a unit of the ranking has.
func (s State) Merits(u UnitScore) []Merit {
	var out []Merit
	for _, m := range s.Card.Rules.Merits {
		if m.holds(u, s.Units[u.Unit].Grade) {
			out = append(out, m)
		}
	}
	return out
}

// Rests returns the lines that a merit of a unit rests on: entries of the ledgers, and of the assessment's record the grade. A
// rank rests on all of a unit's lines, and has none of its own.
func (s State) Rests(m Merit, u UnitScore) []Line {
	var out []Line
	for _, l := range u.Lines {
		if l.On == OnTime && (m.OnTime || m.Passed || m.Done > 0) || l.On == Late && (m.Passed || m.Done > 0) {
			out = append(out, l)
		}
	}
	if line, ok := s.quality(u.Unit); ok && m.Grade != "" {
		out = append(out, line)
	}
	return out
}

// Light returns the unit's or the task's light: red while anything is overdue at the checkpoint, yellow where anything was done
// late, as an obligation's.
func (f Figures) Light() obligation.Light {
	switch {
	case f.Overdue > 0:
		return obligation.Red
	case f.Late > 0:
		return obligation.Yellow
	default:
		return obligation.Green
	}
}
