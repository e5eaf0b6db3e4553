package assessment

// Grade is how good the office finds what a unit did in a half-year (质量评价).
type Grade string

// The grades.
const (
	Excellent Grade = "excellent"
	Good      Grade = "good"
	Fair      Grade = "fair"
	Poor      Grade = "poor"
)

// Grades are all of them, the best first.
var Grades = []Grade{Excellent, Good, Fair, Poor}

// Chinese returns what people call it.
func (g Grade) Chinese() string { return gradeNames[g] }

// OfRecord reports whether a line is about an entry of the assessment's own record, not of an obligation's ledger.
func (l Line) OfRecord() bool { return l.Obligation == "" }

// quality returns the line that the office's grade of a unit is worth; false where it gave none. It is the only one that rests on
// the assessment's own record.
func (s State) quality(unit string) (Line, bool) {
	said := s.Units[unit]
	if said.Grade == "" {
		return Line{}, false
	}
	line := Line{Seq: said.Graded.Seq, At: said.Graded.At, On: Quality, Grade: said.Grade}
	for _, item := range s.Card.Rules.Items {
		if item.On != Quality || item.Grade != "" && item.Grade != said.Grade {
			continue
		}
		line.Item, line.Points = item.Code, item.Points
		if item.Most > 0 {
			line.Points = min(max(line.Points, -item.Most), item.Most)
		}
		break
	}
	return line, true
}
