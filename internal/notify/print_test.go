package notify

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"
)

func TestPrint(t *testing.T) {
	page := Print(everyKind(), "区消防救援支队")
	goldie.New(t).Assert(t, "print.html", []byte(page))
	require.NotContains(t, page, "<script>")
	require.NotContains(t, page, "<img")
	require.NotContains(t, page, " style=", "the policy would not let it")
	require.Contains(t, page, "依据：方案任务10", "every notice says why it came")
}

// The page is shown as it is meant to be only where the policy names its very style sheet.
func TestPrintPolicyNamesTheStyleSheet(t *testing.T) {
	_, rest, _ := strings.Cut(Print(small(), "区消防救援支队"), "<style>")
	style, _, ok := strings.Cut(rest, "</style>")
	require.True(t, ok)
	sum := sha256.Sum256([]byte(style))
	require.Contains(t, PrintPolicy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
}

func TestPrintTellsWhatIsUrgent(t *testing.T) {
	d := small()
	require.NotContains(t, Print(d, "区消防救援支队"), "<em>")
	d.Messages[0].Notice.Urgent = true
	require.Contains(t, Print(d, "区消防救援支队"), "<em>急</em>")
}
