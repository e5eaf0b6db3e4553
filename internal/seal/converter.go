package seal

import (
	"context"
	"errors"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// Converter returns the SDK's own conversion of values, sealed by the codec.
//
// A workflow that meets a payload it has no key for waits until the key is there: its task fails and is tried again. As an
// ordinary error it would end the workflow, and with it the follow-through of an obligation.
func Converter(c *Codec) converter.DataConverter {
	return sealed{converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), c)}
}

type sealed struct{ converter.DataConverter }

// WithContext implements converter.ContextAware.
func (s sealed) WithContext(context.Context) converter.DataConverter { return s }

// WithWorkflowContext implements converter.ContextAware.
func (s sealed) WithWorkflowContext(converter.WorkflowContext) converter.DataConverter {
	return inWorkflow(s)
}

type inWorkflow struct{ converter.DataConverter }

// FromPayload implements converter.DataConverter.
func (w inWorkflow) FromPayload(p *commonpb.Payload, into any) error {
	return orWait(w.DataConverter.FromPayload(p, into))
}

// FromPayloads implements converter.DataConverter.
func (w inWorkflow) FromPayloads(p *commonpb.Payloads, into ...any) error {
	return orWait(w.DataConverter.FromPayloads(p, into...))
}

// orWait panics where payloads cannot be opened, which the SDK takes for a fault of the program: the task fails, the
// workflow does not.
func orWait(err error) error {
	if fault, ok := errors.AsType[*Error](err); ok {
		panic(fault)
	}
	return err
}
