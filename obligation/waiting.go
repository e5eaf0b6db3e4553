package obligation

// Wait is what whoever holds an obligation or a document has to do.
type Wait string

// What waits for the unit, then what waits for the office or a leader.
const (
	WaitUnit    Wait = "unit"    // to sign for it and to report
	WaitRectify Wait = "rectify" // to report what it has put right after an interview

	WaitDraft         Wait = "draft"         // a document is to be signed off
	WaitSubmission    Wait = "submission"    // a report is to be reviewed
	WaitExtension     Wait = "extension"     // an application for more time is to be decided
	WaitSendBack      Wait = "sendback"      // an objection is to be decided
	WaitSuspension    Wait = "suspension"    // what is suspended is to go on one day
	WaitInterview     Wait = "interview"     // an interview is to be held and its outcome recorded
	WaitRectification Wait = "rectification" // a report on what was put right is to be verified
)

// Fault is something of the system's own that keeps people waiting.
type Fault string

// The faults.
const (
	FaultFailed  Fault = "deliveries_failed"
	FaultUnknown Fault = "deliveries_unknown"
	FaultUnsent  Fault = "deliveries_waiting" // they have waited for longer than a window of sending allows
	FaultOutbox  Fault = "notices_waiting"    // no digest was made of them when one was due
	FaultMissed  Fault = "steps_missed"       // what should have happened by itself did not
	FaultNobody  Fault = "nobody"             // no next step, and nobody to wait for
)
