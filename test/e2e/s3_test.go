//go:build unix

package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"duban/internal/blob/blobtest"
)

func init() { atEnd = append(atEnd, blobtest.Remove) }

// With nothing but other settings evidence lies in a bucket: uploaded, handed in, given out, proved and exported from there.
func TestEvidenceInABucket(t *testing.T) {
	server := blobtest.Start(t)
	const bucket = "evidence"
	server.Bucket(t, bucket)
	folder := t.TempDir()
	settings := []string{"--set", "data.folder=" + folder}
	for key, value := range map[string]string{
		"store": "s3", "s3.endpoint": server.Endpoint, "s3.tls": "off", "s3.region": server.Region, "s3.bucket": bucket,
		"s3.accessKey": server.AccessKey, "s3.secretKey": server.SecretKey, "s3.style": "path",
	} {
		settings = append(settings, "--set", "evidence."+key+"="+value)
	}
	p := serve(t, folder, append(scaled("2025-03-10", 0.001), append(settings[2:], "--seed", "none")...)...)
	p.seedSmall("2025-03-01")
	await(t, "it is opened", func() bool { return len(p.obligations("unit=u02&measure=1.1")) == 1 })

	content := pdfOf("整改报告", "已全部整改。")
	status, file := p.upload("整改报告.pdf", "application/pdf", bytes.NewReader(content))
	require.Equal(t, http.StatusOK, status, file)
	files, _ := disk(t, folder)
	require.Zero(t, files, "nothing of it stays on the machine")
	p.act(task+"/submit", map[string]any{"text": "已完成", "evidence": []any{file["id"]}})
	got, digest := p.download(task + "/evidence/" + file["id"].(string))
	require.Equal(t, content, got)
	require.Equal(t, file["sha256"], digest)
	byAPI, _ := p.download(task + "/dossier")
	require.True(t, bytes.Contains(byAPI, content))
	exported := filepath.Join(t.TempDir(), "dossier.zip")
	out, code := run(t, append(settings, "export", "obligation", strings.TrimPrefix(task, "/obligations/"), "--output", exported)...)
	require.Zero(t, code, out)
	zipped, err := os.ReadFile(exported)
	require.NoError(t, err)
	require.True(t, bytes.Contains(zipped, content))
	out, code = run(t, "verify", exported)
	require.Zero(t, code, out)
	out, code = run(t, append(settings, "verify")...)
	require.Zero(t, code, out)
	require.Contains(t, out, "材料 1 件")

	key := file["sha256"].(string) + "-" + file["id"].(string)
	changed := bytes.Clone(content)
	changed[len(changed)/2] ^= 1
	_, err = server.Client(t).PutObject(t.Context(), bucket, key[:2]+"/"+key, bytes.NewReader(changed), int64(len(changed)), minio.PutObjectOptions{})
	require.NoError(t, err)
	out, code = run(t, append(settings, "verify")...)
	require.NotZero(t, code)
	require.Contains(t, out, "SHA-256 不符")
	p.stop()
}
