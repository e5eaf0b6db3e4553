package obligation

import "errors"

// ErrorCode is the stable code of a refused command, for programs.
type ErrorCode string

// The codes of refused commands.
const (
	CodeClosed          ErrorCode = "obligation_closed"
	CodeAlreadySigned   ErrorCode = "already_signed"
	CodeNotSubmitted    ErrorCode = "not_submitted"
	CodeInReview        ErrorCode = "in_review"
	CodeReasonMissing   ErrorCode = "reason_missing"
	CodeTextMissing     ErrorCode = "text_missing"
	CodeTextTooLong     ErrorCode = "text_too_long"
	CodeDueInvalid      ErrorCode = "due_invalid"
	CodeNoDraft         ErrorCode = "no_draft"
	CodeUnknown         ErrorCode = "unknown_command"
	CodeNothingToDo     ErrorCode = "nothing_to_do"
	CodeSignOffRole     ErrorCode = "sign_off_by_leader"
	CodeMeetingMissing  ErrorCode = "meeting_missing"
	CodeMeetingPast     ErrorCode = "meeting_past"
	CodeMeetingAhead    ErrorCode = "meeting_ahead"
	CodeNoMeeting       ErrorCode = "no_meeting"
	CodeOutcomeMissing  ErrorCode = "outcome_missing"
	CodeAsOfAhead       ErrorCode = "as_of_ahead"
	CodeNotFound        ErrorCode = "not_found"
	CodeConflict        ErrorCode = "conflict"
	CodeProgressMissing ErrorCode = "progress_missing"
	CodePercentInvalid  ErrorCode = "percent_invalid"
	CodeNotOverdue      ErrorCode = "not_overdue"
	CodeDraftPending    ErrorCode = "draft_pending"
	CodeRungInvalid     ErrorCode = "rung_invalid"
	CodeNameInvalid     ErrorCode = "name_invalid"
	CodePeriodInvalid   ErrorCode = "period_invalid"
	CodeNoDelegation    ErrorCode = "no_delegation"
	CodeOtherLiaison    ErrorCode = "other_liaison"
	CodePartOfPart      ErrorCode = "part_of_part"
	CodePartInvalid     ErrorCode = "part_invalid"
	CodePartDue         ErrorCode = "part_due_invalid"
	CodePartsOpen       ErrorCode = "parts_open"
	CodePartsInReview   ErrorCode = "parts_in_review"
	CodeSuspended       ErrorCode = "suspended"
	CodeSendBackPending ErrorCode = "send_back_pending"
	CodeNoSendBack      ErrorCode = "no_send_back"
	CodeSendBackUsed    ErrorCode = "send_back_used"
	CodeNotSuspended    ErrorCode = "not_suspended"

	CodeRectificationMissing     ErrorCode = "rectification_missing"
	CodeRectificationTextMissing ErrorCode = "rectification_text_missing"
	CodeNoRectification          ErrorCode = "no_rectification" // none that is open
	CodeRectified                ErrorCode = "rectified"        // the office verifies
	CodeNotRectified             ErrorCode = "not_rectified"    // the unit has not reported

	CodeNoFinding            ErrorCode = "no_finding"            // the obligation is none of an inspection
	CodePromoted             ErrorCode = "promoted"              // the finding is a hazard of the register already
	CodeNoInspection         ErrorCode = "no_inspection"         // the obligation is none
	CodeInspectionInvalid    ErrorCode = "inspection_invalid"    // theme or visits are missing, or too much
	CodeInspectionRecorded   ErrorCode = "inspection_recorded"   // once
	CodeInspectionUnrecorded ErrorCode = "inspection_unrecorded" // findings follow the record
	CodeVisitDay             ErrorCode = "visit_day_invalid"     // outside of its period, or ahead
	CodeVisitUnseen          ErrorCode = "visit_unseen"          // the record does not say what was looked at
	CodeFindingInvalid       ErrorCode = "finding_invalid"       // what, severity, demands or ladder
	CodeFindingUnit          ErrorCode = "finding_unit_uninspected"
	CodeFindingDue           ErrorCode = "finding_due_invalid"

	CodeEvidenceInvalid   ErrorCode = "evidence_invalid"   // a command's list of files
	CodeEvidenceGone      ErrorCode = "evidence_gone"      // a file that is named was removed, or was handed in before
	CodeEvidenceFixed     ErrorCode = "evidence_fixed"     // it was handed in: it stays
	CodeEvidenceBusy      ErrorCode = "evidence_busy"      // it is being handed in
	CodeEvidenceFull      ErrorCode = "evidence_full"      // no more files, or bytes, for this obligation
	CodeEvidenceTooLarge  ErrorCode = "evidence_too_large" // one file
	CodeEvidenceEmpty     ErrorCode = "evidence_empty"
	CodeEvidenceName      ErrorCode = "evidence_name_invalid"
	CodeEvidenceType      ErrorCode = "evidence_type_refused"   // a kind of file that is not taken
	CodeEvidenceMismatch  ErrorCode = "evidence_type_mismatch"  // name, declared type and content disagree
	CodeEvidenceMacros    ErrorCode = "evidence_with_macros"    // an office document with a program in it
	CodeEvidenceEncrypted ErrorCode = "evidence_encrypted"      // nobody could read it
	CodeEvidenceArchive   ErrorCode = "evidence_archive_unsafe" // expands without measure, or its parts have unsafe names
	CodeEvidenceDamaged   ErrorCode = "evidence_damaged"

	CodeHazardNoMeasure   ErrorCode = "hazard_no_measure" // the plan, or its period, takes no hazards
	CodeHazardIncomplete  ErrorCode = "hazard_incomplete"
	CodeHazardTextTooLong ErrorCode = "hazard_text_too_long"
	CodeHazardUnit        ErrorCode = "hazard_unit_invalid"
	CodeHazardRegion      ErrorCode = "hazard_region_invalid"
	CodeHazardIndustry    ErrorCode = "hazard_industry_invalid"
	CodeHazardReviewer    ErrorCode = "hazard_reviewer_invalid"
	CodeHazardDates       ErrorCode = "hazard_dates_invalid"
	CodeNoHazard          ErrorCode = "no_hazard"      // the obligation is none
	CodeSupervised        ErrorCode = "supervised"     // it is listed already
	CodeReviewMissing     ErrorCode = "review_missing" // the reviewer has not passed it
	CodeReviewed          ErrorCode = "reviewed"       // there is nothing to review
	CodeNotReviewer       ErrorCode = "not_reviewer"
	CodeCheckedInvalid    ErrorCode = "checked_invalid"
	CodeHazardFormer      ErrorCode = "hazard_former_unknown"

	CodeExtensionPending ErrorCode = "extension_pending" // one at a time
	CodeNoExtension      ErrorCode = "no_extension"      // none to decide
	CodeExtensionsUsed   ErrorCode = "extensions_used"
	CodeExtensionLate    ErrorCode = "extension_late"

	CodeReportForm     ErrorCode = "report_form_missing" // the obligation is no month's report
	CodeReportProgress ErrorCode = "report_progress_missing"
	CodeReportZero     ErrorCode = "report_zero_with_text"
	CodeReportTooLong  ErrorCode = "report_too_long"
	CodeReportLine     ErrorCode = "report_line_foreign" // a matter that is not the unit's own
)

// Error is why a command or a question was refused. Its text is Chinese and tells the user what to do.
type Error struct {
	Code ErrorCode
}

// Error implements error.
func (e *Error) Error() string { return errorMessages[e.Code] }

func refuse(code ErrorCode) error { return &Error{Code: code} }

// KnownCode reports whether the code is one of this package's.
func KnownCode(c ErrorCode) bool { return errorMessages[c] != "" }

// IsNotFound reports whether the error says that what was asked for does not exist.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == CodeNotFound
}
