package obligation

import "slices"

// skip (越级) drafts a higher formal rung at once. It waits for neither its own time nor the cure period; those above it do.
func (s State) skip(c Command) (Event, error) {
	steps := s.Policy.Ladder.Steps
	i := slices.IndexFunc(steps, func(st Step) bool { return st.Rung == c.Rung && st.Rung.Formal() })
	_, waiting := s.pending()
	switch {
	case s.Stage == StageSubmitted:
		return Event{}, refuse(CodeInReview)
	case s.Objection != nil:
		return Event{}, refuse(CodeSendBackPending)
	case !s.Overdue, s.BeforeIssue:
		return Event{}, refuse(CodeNotOverdue)
	case waiting:
		return Event{}, refuse(CodeDraftPending)
	case i < 0 || !s.above(i):
		return Event{}, refuse(CodeRungInvalid)
	case c.Text == "":
		return Event{}, refuse(CodeReasonMissing)
	}
	return Event{Kind: Drafted, Step: steps[i].Code, Rung: c.Rung, To: ToUnit}, nil
}

// skips reports whether somebody had the rung drafted before its time.
func (e Event) skips() bool { return e.Kind == Drafted && e.By.Role != RoleSystem }
