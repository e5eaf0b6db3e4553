package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/assessment"
	"duban/obligation"
)

// Code is the stable code of an error, for programs. The codes of refused commands are obligation.ErrorCode's.
type Code string

// The codes of the API's own errors.
const (
	CodeBodyMissing       Code = "body_missing"
	CodeBadJSON           Code = "bad_json"
	CodeBadEncoding       Code = "bad_encoding"
	CodeBodyBroken        Code = "body_broken"
	CodeBodyTimeout       Code = "body_timeout"
	CodeBodyTooLarge      Code = "body_too_large"
	CodeMediaType         Code = "unsupported_media_type"
	CodeValidation        Code = "validation_failed"
	CodeRouteNotFound     Code = "route_not_found"
	CodeMethodNotAllowed  Code = "method_not_allowed"
	CodeCrossOrigin       Code = "cross_origin"
	CodeFaults            Code = "plan_invalid"
	CodeKeyReused         Code = "idempotency_key_reused"
	CodeEngine            Code = "engine_unavailable"
	CodeDatabase          Code = "database_unavailable"
	CodeNotReady          Code = "not_ready"
	CodeNothingSelected   Code = "nothing_selected"
	CodeNoAlternative     Code = "no_alternative"
	CodeSelectionTooLarge Code = "selection_too_large"
	CodeWithdrawn         Code = "document_withdrawn"
	CodeNotConcluded      Code = "interview_not_concluded"
	CodeNotDecided        Code = "extension_not_decided"
	CodePDFMissing        Code = "pdf_unavailable"
	CodePDFFailed         Code = "pdf_failed"
	CodeUploadsBusy       Code = "uploads_busy"
	CodeStorageFull       Code = "storage_full"
	CodeStorageDown       Code = "storage_unavailable"
	CodeContentLost       Code = "content_lost"
	CodeExportTooLarge    Code = "export_too_large"
	CodeRehearsal         Code = "rehearsal"
	CodeChannelOff        Code = "channel_off"
	CodeSheet             Code = "sheet_unreadable"
	CodeUnsettled         Code = "list_unsettled"
	CodeNotBegun          Code = "half_not_begun"
	CodeNotRepairable     Code = "not_repairable"
	CodeCanceled          Code = "client_closed_request"
	CodeInternal          Code = "internal_error"
)

// statusClientClosed is nginx's status for a client that went away; only the log sees it.
const statusClientClosed = 499

// statuses is the one table from codes to HTTP.
var statuses = map[Code]int{
	CodeBodyMissing:       http.StatusBadRequest,
	CodeBadJSON:           http.StatusBadRequest,
	CodeBadEncoding:       http.StatusBadRequest,
	CodeBodyBroken:        http.StatusBadRequest,
	CodeBodyTimeout:       http.StatusRequestTimeout,
	CodeBodyTooLarge:      http.StatusRequestEntityTooLarge,
	CodeMediaType:         http.StatusUnsupportedMediaType,
	CodeValidation:        http.StatusUnprocessableEntity,
	CodeRouteNotFound:     http.StatusNotFound,
	CodeMethodNotAllowed:  http.StatusMethodNotAllowed,
	CodeCrossOrigin:       http.StatusForbidden,
	CodeFaults:            http.StatusUnprocessableEntity,
	CodeKeyReused:         http.StatusConflict,
	CodeEngine:            http.StatusServiceUnavailable,
	CodeDatabase:          http.StatusServiceUnavailable,
	CodeNotReady:          http.StatusServiceUnavailable,
	CodeNothingSelected:   http.StatusUnprocessableEntity,
	CodeNoAlternative:     http.StatusUnprocessableEntity,
	CodeSelectionTooLarge: http.StatusUnprocessableEntity,
	CodeWithdrawn:         http.StatusConflict,
	CodeNotConcluded:      http.StatusConflict,
	CodeNotDecided:        http.StatusConflict,
	CodePDFMissing:        http.StatusNotImplemented,
	CodePDFFailed:         http.StatusServiceUnavailable,
	CodeUploadsBusy:       http.StatusServiceUnavailable,
	CodeStorageFull:       http.StatusInsufficientStorage,
	CodeStorageDown:       http.StatusServiceUnavailable,
	CodeContentLost:       http.StatusInternalServerError,
	CodeExportTooLarge:    http.StatusUnprocessableEntity,
	CodeRehearsal:         http.StatusConflict,
	CodeChannelOff:        http.StatusNotFound,
	CodeSheet:             http.StatusUnprocessableEntity,
	CodeUnsettled:         http.StatusConflict,
	CodeNotBegun:          http.StatusConflict,
	CodeNotRepairable:     http.StatusConflict,
	CodeCanceled:          statusClientClosed,
	CodeInternal:          http.StatusInternalServerError,

	Code(account.CodeUnauthenticated): http.StatusUnauthorized,
	Code(account.CodeToken):           http.StatusUnauthorized,
	Code(account.CodeWrongPassword):   http.StatusUnauthorized,
	Code(account.CodeForbidden):       http.StatusForbidden,
	Code(account.CodeForeign):         http.StatusForbidden,
	Code(account.CodeScope):           http.StatusForbidden,
	Code(account.CodeOnlyPerson):      http.StatusForbidden,
	Code(account.CodeLocked):          http.StatusTooManyRequests,
	Code(account.CodeTooMany):         http.StatusTooManyRequests,
	Code(account.CodeInvitation):      http.StatusConflict,
	Code(account.CodeNotFound):        http.StatusNotFound,
	Code(account.CodeTaken):           http.StatusConflict,
	Code(account.CodeLastAdmin):       http.StatusConflict,
	Code(account.CodeLogin):           http.StatusUnprocessableEntity,
	Code(account.CodeName):            http.StatusUnprocessableEntity,
	Code(account.CodeRole):            http.StatusUnprocessableEntity,
	Code(account.CodeUnit):            http.StatusUnprocessableEntity,
	Code(account.CodePasswordLength):  http.StatusUnprocessableEntity,
	Code(account.CodePasswordKinds):   http.StatusUnprocessableEntity,
	Code(account.CodePasswordWeak):    http.StatusUnprocessableEntity,
	Code(account.CodePasswordSame):    http.StatusUnprocessableEntity,
	Code(account.CodeTokenLabel):      http.StatusUnprocessableEntity,
	Code(account.CodeTokenScopes):     http.StatusUnprocessableEntity,
	Code(account.CodeTokenExpiry):     http.StatusUnprocessableEntity,
	Code(account.CodeOIDC):            http.StatusUnauthorized,
	Code(account.CodeNoOIDC):          http.StatusNotFound,
	Code(account.CodeOIDCUnreachable): http.StatusServiceUnavailable,
	Code(account.CodeNoAccount):       http.StatusForbidden,
	Code(account.CodeOIDCOnly):        http.StatusForbidden,

	Code(obligation.CodeSignOffRole):   http.StatusForbidden,
	Code(obligation.CodeClosed):        http.StatusConflict,
	Code(obligation.CodeAlreadySigned): http.StatusConflict,
	Code(obligation.CodeNotSubmitted):  http.StatusConflict,
	Code(obligation.CodeInReview):      http.StatusConflict,
	Code(obligation.CodeNoDraft):       http.StatusConflict,
	Code(obligation.CodeNoMeeting):     http.StatusConflict,
	Code(obligation.CodeNothingToDo):   http.StatusConflict,
	Code(obligation.CodeConflict):      http.StatusConflict,
	Code(obligation.CodeSuspended):     http.StatusConflict,
	Code(obligation.CodeNotSuspended):  http.StatusConflict,

	Code(obligation.CodeProgressMissing):          http.StatusUnprocessableEntity,
	Code(obligation.CodePercentInvalid):           http.StatusUnprocessableEntity,
	Code(obligation.CodeNotOverdue):               http.StatusConflict,
	Code(obligation.CodeDraftPending):             http.StatusConflict,
	Code(obligation.CodeRungInvalid):              http.StatusConflict,
	Code(obligation.CodeNameInvalid):              http.StatusUnprocessableEntity,
	Code(obligation.CodePeriodInvalid):            http.StatusUnprocessableEntity,
	Code(obligation.CodeNoDelegation):             http.StatusConflict,
	Code(obligation.CodeOtherLiaison):             http.StatusConflict,
	Code(obligation.CodePartOfPart):               http.StatusConflict,
	Code(obligation.CodePartInvalid):              http.StatusUnprocessableEntity,
	Code(obligation.CodePartDue):                  http.StatusUnprocessableEntity,
	Code(obligation.CodeNoInspection):             http.StatusConflict,
	Code(obligation.CodeInspectionInvalid):        http.StatusUnprocessableEntity,
	Code(obligation.CodeInspectionRecorded):       http.StatusConflict,
	Code(obligation.CodeInspectionUnrecorded):     http.StatusConflict,
	Code(obligation.CodeVisitDay):                 http.StatusUnprocessableEntity,
	Code(obligation.CodeVisitUnseen):              http.StatusUnprocessableEntity,
	Code(obligation.CodeFindingInvalid):           http.StatusUnprocessableEntity,
	Code(obligation.CodeFindingUnit):              http.StatusUnprocessableEntity,
	Code(obligation.CodeFindingDue):               http.StatusUnprocessableEntity,
	Code(obligation.CodePartsOpen):                http.StatusConflict,
	Code(obligation.CodePartsInReview):            http.StatusConflict,
	Code(obligation.CodeSendBackPending):          http.StatusConflict,
	Code(obligation.CodeNoSendBack):               http.StatusConflict,
	Code(obligation.CodeSendBackUsed):             http.StatusConflict,
	Code(obligation.CodeReasonMissing):            http.StatusUnprocessableEntity,
	Code(obligation.CodeTextMissing):              http.StatusUnprocessableEntity,
	Code(obligation.CodeTextTooLong):              http.StatusUnprocessableEntity,
	Code(obligation.CodeDueInvalid):               http.StatusUnprocessableEntity,
	Code(obligation.CodeMeetingMissing):           http.StatusUnprocessableEntity,
	Code(obligation.CodeMeetingAhead):             http.StatusConflict,
	Code(obligation.CodeMeetingPast):              http.StatusUnprocessableEntity,
	Code(obligation.CodeOutcomeMissing):           http.StatusUnprocessableEntity,
	Code(obligation.CodeRectificationMissing):     http.StatusUnprocessableEntity,
	Code(obligation.CodeRectificationTextMissing): http.StatusUnprocessableEntity,
	Code(obligation.CodeNoRectification):          http.StatusConflict,
	Code(obligation.CodeRectified):                http.StatusConflict,
	Code(obligation.CodeNotRectified):             http.StatusConflict,
	Code(obligation.CodeAsOfAhead):                http.StatusUnprocessableEntity,
	Code(obligation.CodeUnknown):                  http.StatusUnprocessableEntity,
	Code(obligation.CodeNotFound):                 http.StatusNotFound,

	Code(obligation.CodeEvidenceInvalid):   http.StatusUnprocessableEntity,
	Code(obligation.CodeEvidenceGone):      http.StatusConflict,
	Code(obligation.CodeEvidenceFixed):     http.StatusConflict,
	Code(obligation.CodeEvidenceBusy):      http.StatusConflict,
	Code(obligation.CodeEvidenceFull):      http.StatusConflict,
	Code(obligation.CodeEvidenceTooLarge):  http.StatusRequestEntityTooLarge,
	Code(obligation.CodeEvidenceEmpty):     http.StatusUnprocessableEntity,
	Code(obligation.CodeEvidenceName):      http.StatusUnprocessableEntity,
	Code(obligation.CodeEvidenceType):      http.StatusUnsupportedMediaType,
	Code(obligation.CodeEvidenceMismatch):  http.StatusUnsupportedMediaType,
	Code(obligation.CodeEvidenceMacros):    http.StatusUnprocessableEntity,
	Code(obligation.CodeEvidenceEncrypted): http.StatusUnprocessableEntity,
	Code(obligation.CodeEvidenceArchive):   http.StatusUnprocessableEntity,
	Code(obligation.CodeEvidenceDamaged):   http.StatusUnprocessableEntity,

	Code(assessment.CodeRole):        http.StatusForbidden,
	Code(assessment.CodeStage):       http.StatusConflict,
	Code(assessment.CodeOver):        http.StatusConflict,
	Code(assessment.CodeUnit):        http.StatusUnprocessableEntity,
	Code(assessment.CodePoints):      http.StatusUnprocessableEntity,
	Code(assessment.CodeReason):      http.StatusUnprocessableEntity,
	Code(assessment.CodeText):        http.StatusUnprocessableEntity,
	Code(assessment.CodeObjected):    http.StatusConflict,
	Code(assessment.CodeNoObjection): http.StatusConflict,
	Code(assessment.CodeUnanswered):  http.StatusConflict,
	Code(assessment.CodeCard):        http.StatusConflict,
	Code(assessment.CodeGrade):       http.StatusUnprocessableEntity,
	Code(assessment.CodeMatter):      http.StatusUnprocessableEntity,
	Code(assessment.CodeUndecided):   http.StatusConflict,
	Code(assessment.CodeNoOpinion):   http.StatusConflict,
	Code(assessment.CodeBoth):        http.StatusConflict,

	Code(obligation.CodeReportForm):     http.StatusUnprocessableEntity,
	Code(obligation.CodeReportProgress): http.StatusUnprocessableEntity,
	Code(obligation.CodeReportZero):     http.StatusUnprocessableEntity,
	Code(obligation.CodeReportTooLong):  http.StatusUnprocessableEntity,
	Code(obligation.CodeReportLine):     http.StatusUnprocessableEntity,

	Code(obligation.CodeHazardNoMeasure):   http.StatusConflict,
	Code(obligation.CodeHazardIncomplete):  http.StatusUnprocessableEntity,
	Code(obligation.CodeHazardTextTooLong): http.StatusUnprocessableEntity,
	Code(obligation.CodeHazardUnit):        http.StatusUnprocessableEntity,
	Code(obligation.CodeHazardRegion):      http.StatusUnprocessableEntity,
	Code(obligation.CodeHazardIndustry):    http.StatusUnprocessableEntity,
	Code(obligation.CodeHazardReviewer):    http.StatusUnprocessableEntity,
	Code(obligation.CodeHazardDates):       http.StatusUnprocessableEntity,
	Code(obligation.CodeHazardFormer):      http.StatusUnprocessableEntity,
	Code(obligation.CodeNoHazard):          http.StatusConflict,
	Code(obligation.CodeSupervised):        http.StatusConflict,
	Code(obligation.CodeReviewMissing):     http.StatusConflict,
	Code(obligation.CodeReviewed):          http.StatusConflict,
	Code(obligation.CodeNotReviewer):       http.StatusForbidden,
	Code(obligation.CodeCheckedInvalid):    http.StatusUnprocessableEntity,

	Code(obligation.CodeExtensionPending): http.StatusConflict,
	Code(obligation.CodeNoExtension):      http.StatusConflict,
	Code(obligation.CodeExtensionsUsed):   http.StatusConflict,
	Code(obligation.CodeExtensionLate):    http.StatusConflict,
}

// retryAfter is how many seconds a client should wait where the cause may pass by itself.
const retryAfter = 5

// maxFaults is the longest list of faults in an answer: as many as one reading of a plan's files finds.
const maxFaults = 500

// Problem is the body of every error (RFC 9457). Detail is Chinese and says what to do; nothing in it comes from
// inside the program or repeats what the client sent.
type Problem struct {
	Title   string         `json:"title" doc:"错误的类别"`
	Status  int            `json:"status" doc:"HTTP 状态码"`
	Code    Code           `json:"code" doc:"稳定的错误代码，供程序判断"`
	Detail  string         `json:"detail" doc:"怎么回事、该怎么办"`
	Request string         `json:"requestId" doc:"请求编号，报障时请提供；日志按它查找"`
	Errors  []ProblemField `json:"errors,omitempty" doc:"逐项说明"`

	key string // idempotency key of the command, for its retry
}

// ProblemField says what is wrong with one field, or which check failed.
type ProblemField struct {
	Field   string `json:"field" doc:"位置，如 body.reason、query.limit"`
	Message string `json:"message" doc:"怎么回事"`
}

// newProblem returns the problem of a code with the catalogue's texts.
func newProblem(code Code, fields ...ProblemField) *Problem {
	status, known := statuses[code]
	if !known {
		code, status = CodeInternal, http.StatusInternalServerError
	}
	detail := details[code]
	if detail == "" && account.KnownCode(account.Code(code)) {
		detail = account.Refuse(account.Code(code)).Error()
	}
	if detail == "" && assessment.KnownCode(assessment.Code(code)) {
		detail = assessment.Refuse(assessment.Code(code)).Error()
	}
	if detail == "" {
		detail = (&obligation.Error{Code: obligation.ErrorCode(code)}).Error()
	}
	return &Problem{Title: titles[status], Status: status, Code: code, Detail: detail, Errors: fields}
}

// Refuse returns the error of a code with what is wrong, one Chinese text each.
func Refuse(code Code, reasons ...string) error {
	return newProblem(code, list(reasons, func(r string) ProblemField { return ProblemField{"body", r} })...)
}

// invalid returns the problem of a value that its schema lets pass and the API still refuses.
func invalid(field, message string) *Problem {
	return newProblem(CodeValidation, ProblemField{Field: field, Message: message})
}

// Error implements error.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusServiceUnavailable || p.Code == Code(account.CodeTooMany) {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if p.key != "" {
		h.Set("Idempotency-Key", p.key)
	}
	return h
}

// engineFailure marks an error as coming from the engine's side rather than the database's.
type engineFailure struct{ cause error }

func (e engineFailure) Error() string { return "engine: " + e.cause.Error() }
func (e engineFailure) Unwrap() error { return e.cause }

func engine(err error) error {
	if err == nil {
		return nil
	}
	return engineFailure{err}
}

// keyed is the failure of a command whose key the client may have to repeat.
type keyed struct {
	cause error
	key   string
}

func (k keyed) Error() string { return k.cause.Error() }
func (k keyed) Unwrap() error { return k.cause }

// problemOf turns any error of a handler into the problem that the client gets, and logs what it hides. parent is the
// request's context, without the operation's own time limit.
func (s *server) problemOf(parent context.Context, err error) *Problem {
	var p *Problem
	var refused *obligation.Error
	var denied *account.Error
	var assessed *assessment.Error
	var faults Faults
	var engine engineFailure
	switch {
	case errors.As(err, &p):
		copied := *p
		p = &copied
	case errors.As(err, &refused):
		p = newProblem(Code(refused.Code))
		if p.Code == CodeInternal {
			s.Log.ErrorContext(parent, "unmapped code", "code", refused.Code, "request", requestID(parent))
		}
	case errors.As(err, &denied):
		p = newProblem(Code(denied.Code))
	case errors.As(err, &assessed):
		p = newProblem(Code(assessed.Code))
	case errors.As(err, &faults):
		p = newProblem(CodeFaults, list(faults.bounded(), func(s string) ProblemField { return ProblemField{"body", s} })...)
	case errors.Is(parent.Err(), context.Canceled):
		p = newProblem(CodeCanceled)
	case errors.As(err, &engine) && (s.Transient == nil || !s.Transient(engine.cause)):
		p = newProblem(CodeEngine)
		s.Log.ErrorContext(parent, "engine", "request", requestID(parent), "error", engine.cause)
	case errors.Is(err, context.DeadlineExceeded), s.Transient == nil || s.Transient(err):
		p = newProblem(CodeDatabase)
		s.Log.ErrorContext(parent, "database", "request", requestID(parent), "error", err)
	default:
		p = newProblem(CodeInternal)
		s.Log.ErrorContext(parent, "store", "request", requestID(parent), "error", err)
	}
	if command, ok := errors.AsType[keyed](err); ok {
		p.key = command.key
	}
	p.Request = requestID(parent)
	return p
}

// abort ends a request with a problem outside of huma.
func abort(c *gin.Context, p *Problem) {
	p.Request = requestID(c.Request.Context())
	maps.Copy(c.Writer.Header(), p.GetHeaders())
	// A struct of strings and numbers always marshals.
	body, _ := json.Marshal(p)
	c.Abort()
	c.Data(p.Status, p.ContentType(""), body)
}
