package obligation

// waive (免办) closes an obligation that nobody has to deliver any more: it was given to the wrong unit, or its cause is
// gone. It is neither done nor missed.
func (s State) waive(c Command) (Event, error) {
	if c.Text == "" {
		return Event{}, refuse(CodeReasonMissing)
	}
	return Event{Kind: Waived}, nil
}

// closes reports whether an event of the kind closes the obligation for good.
func (k EventKind) closes() bool { return k == Accepted || k == Waived || k == Promoted }
