package config

import (
	"strings"
)

// Fault is one setting that cannot be used.
type Fault struct {
	Key    string // empty where the fault is in no single key, such as a file that cannot be read
	Source string
	Text   string // what is wrong and what to do
}

// Faults is every fault of the settings, in the order of the layers and then of the keys.
type Faults []Fault

// Error implements error: one line a fault.
func (f Faults) Error() string {
	var b strings.Builder
	b.WriteString(textFaults(len(f)))
	for _, fault := range f {
		b.WriteString("\n  ")
		b.WriteString(textFault(fault))
	}
	return b.String()
}

// of reports whether the key has a fault already.
func (f Faults) of(key string) bool {
	for _, fault := range f {
		if fault.Key == key {
			return true
		}
	}
	return false
}
