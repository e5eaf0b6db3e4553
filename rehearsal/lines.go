package rehearsal

import (
	"maps"
	"slices"
)

// lines lists what happens to the parts that the filter selects. They lie in the plan's order already, so counting
// what happens at each instant is enough to know where every line goes.
func (r *run) lines(parts []*part) []Line {
	parts = slices.DeleteFunc(parts, func(p *part) bool { return !r.selects(p) })
	var acts []*act
	for _, p := range parts {
		for _, a := range p.acts {
			if a.parts++; a.parts == 1 {
				acts = append(acts, a)
			}
		}
	}
	out := make([]Line, place(acts))
	for _, p := range parts {
		for _, a := range p.acts {
			for j := range a.steps {
				st := &a.steps[j]
				out[*st.place] = Line{st, &p.facts}
				*st.place++
			}
		}
	}
	return out
}

// place gives the steps of each instant the place of the first line there, and returns how many lines there are.
func place(acts []*act) int {
	count := map[int64]int{} // by Unix seconds
	for _, a := range acts {
		for _, st := range a.steps {
			count[st.At.Unix()] += a.parts
		}
	}
	total := 0
	first := make(map[int64]*int, len(count))
	for _, at := range slices.Sorted(maps.Keys(count)) {
		before := total
		first[at] = &before
		total += count[at]
	}
	for _, a := range acts {
		for j := range a.steps {
			a.steps[j].place = first[a.steps[j].At.Unix()]
		}
	}
	return total
}

func (r *run) selects(p *part) bool {
	return (r.filter.Task == "" || r.filter.Task == p.facts.Task) && (r.filter.Measure == "" || r.filter.Measure == p.facts.ID.Measure)
}
