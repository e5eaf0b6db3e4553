package obligation

import "time"

// Progress (进展) is what the unit last told of how far it is. It stops no reminder and moves no date.
type Progress struct {
	Seq     int       `json:"seq"`
	At      time.Time `json:"at"`
	Percent *int      `json:"percent,omitempty"` // 0 to 100, as last named; nil: never
	Text    string    `json:"text,omitempty"`
}

func (s State) progress(c Command) (Event, error) {
	switch {
	case s.Stage == StageSubmitted:
		return Event{}, refuse(CodeInReview)
	case c.Percent == nil && c.Text == "" && len(c.Evidence) == 0:
		return Event{}, refuse(CodeProgressMissing)
	case c.Percent != nil && (*c.Percent < 0 || *c.Percent > 100):
		return Event{}, refuse(CodePercentInvalid)
	}
	files, err := evidenceOf(c)
	return Event{Kind: Progressed, Percent: c.Percent, Evidence: files, Answer: s.NudgedSeq > 0 && !s.answers(s.NudgedSeq)}, err
}

func applyProgress(s State, e Event) State {
	p := Progress{Seq: e.Seq, At: e.At, Percent: e.Percent, Text: e.Text}
	if p.Percent == nil && s.Progress != nil {
		p.Percent = s.Progress.Percent
	}
	s.Progress = &p
	return s
}

// answers reports whether the unit has told of its progress since the event of the sequence.
func (s State) answers(seq int) bool { return s.Progress != nil && s.Progress.Seq > seq }
