package account

import "strings"

// Change says what of an account becomes otherwise; nil leaves it.
type Change struct {
	Name     *string
	Role     *Role
	Unit     *string
	Disabled *bool
	Unlock   bool
}

// Apply returns the account after the change. Whoever gets another role or unit, or is disabled, has to log in again.
func (c Change) Apply(a Account) Account {
	before := a
	if c.Name != nil {
		a.Name = strings.TrimSpace(*c.Name)
	}
	if c.Role != nil {
		a.Role = *c.Role
	}
	if c.Unit != nil {
		a.Unit = *c.Unit
	}
	if c.Disabled != nil {
		a.Disabled = *c.Disabled
	}
	if c.Unlock {
		a = a.Unlocked()
	}
	if a.Role != before.Role || a.Unit != before.Unit || a.Disabled && !before.Disabled {
		a.Epoch++
	}
	return a
}
