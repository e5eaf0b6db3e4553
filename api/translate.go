package api

import (
	"errors"
	"net/http"
	"sync"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/gin-gonic/gin"
)

// Longest lists and names of fields in an answer: they come from the client.
const (
	maxFields    = 20
	maxFieldName = 100
)

// adopt makes huma and Gin speak the way this API does. Both keep these settings for the whole process, and huma
// reads its messages when schemas are built, so it runs once, before the first API is.
var adopt = sync.OnceFunc(func() {
	gin.SetMode(gin.ReleaseMode)

	// A second spelling of a field (REASON beside reason) would be decoded without having been validated.
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false

	validation.MsgUnexpectedProperty = textUnexpectedProperty
	validation.MsgExpectedRFC3339DateTime = textDateTime
	validation.MsgExpectedRFC3339Date = textDate
	validation.MsgExpectedBoolean = textBoolean
	validation.MsgExpectedNumber = textNumber
	validation.MsgExpectedInteger = textInteger
	validation.MsgExpectedString = textString
	validation.MsgExpectedArray = textArray
	validation.MsgExpectedObject = textObject
	validation.MsgExpectedOneOf = textOneOf
	validation.MsgExpectedMinimumNumber = textMinimum
	validation.MsgExpectedMaximumNumber = textMaximum
	validation.MsgExpectedMinLength = textMinLength
	validation.MsgExpectedMaxLength = textMaxLength
	validation.MsgExpectedMatchPattern = textPattern
	validation.MsgExpectedBePattern = textPattern
	validation.MsgExpectedMinItems = textMinItems
	validation.MsgExpectedMaxItems = textMaxItems
	validation.MsgExpectedRequiredProperty = textRequired

	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError { return translated(status, errs) }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		p := translated(status, errs)
		p.Request = requestID(ctx.Context())
		return p
	}
})

// translated returns the problem for what huma found wrong with a request. huma's own words and the values it would
// repeat are dropped.
func translated(status int, errs []error) *Problem {
	switch status {
	case http.StatusBadRequest:
		return newProblem(CodeBodyMissing) // what is no JSON never gets as far
	case http.StatusUnprocessableEntity:
		fields := make([]ProblemField, 0, min(len(errs), maxFields))
		for _, err := range errs[:min(len(errs), maxFields)] {
			fields = append(fields, translatedField(err))
		}
		return newProblem(CodeValidation, fields...)
	case http.StatusUnsupportedMediaType:
		return newProblem(CodeMediaType)
	case http.StatusRequestEntityTooLarge:
		return newProblem(CodeBodyTooLarge)
	default:
		return newProblem(CodeInternal)
	}
}

func translatedField(err error) ProblemField {
	var d *huma.ErrorDetail
	if !errors.As(err, &d) {
		return ProblemField{Field: "body", Message: textInvalid}
	}
	message := d.Message
	if known := humaTexts[message]; known != "" {
		message = known
	} else if !chinese(message) {
		message = textInvalid
	}
	name := []rune(d.Location)
	if len(name) > maxFieldName {
		name = append(name[:maxFieldName], '…')
	}
	return ProblemField{Field: string(name), Message: message}
}

// chinese reports whether a message comes from this package's catalogue.
func chinese(s string) bool {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}
