// Package account holds the rules for the people and programs that use duban: their roles, passwords and tokens, when an
// account is locked, and what the administrators' log says of it all. It knows no database, no network and no clock.
package account

import "slices"

// Role is what an account is for. Each has one.
type Role string

// The roles. Only the first three act on obligations; an administrator makes no business decisions.
const (
	Office  Role = "office"  // the committee's office (区安委办)
	Leader  Role = "leader"  // signs off
	Unit    Role = "unit"    // a liaison: the obligations of one unit and nothing else
	Auditor Role = "auditor" // reads all, changes nothing
	Admin   Role = "admin"   // accounts, and what keeps the installation running
)

// Roles are all of them.
var Roles = []Role{Office, Leader, Unit, Auditor, Admin}

// Chinese returns the name that people read.
func (r Role) Chinese() string { return roleNames[r] }

// Scope bounds what a token may do of what its account may.
type Scope string

// The scopes. Each is given by itself: who may act may not read thereby.
const (
	Read   Scope = "read"
	Act    Scope = "act"    // decide on obligations and documents
	Manage Scope = "manage" // plans, accounts, the training
)

// Scopes are all of them.
var Scopes = []Scope{Read, Act, Manage}

// Caller is who makes a request.
type Caller struct {
	Login  string
	Name   string
	Role   Role
	Unit   string  // of a liaison
	Scopes []Scope // what is asked may not go beyond
	Token  bool    // a program with a token, no person at a page
}

// May reports whether what the caller asks lies within the scope.
func (c Caller) May(s Scope) bool { return slices.Contains(c.Scopes, s) }

// Owns reports whether the caller may see what is the unit's: everybody but the liaisons of other units.
func (c Caller) Owns(unit string) bool { return c.Role != Unit || c.Unit == unit && unit != "" }
