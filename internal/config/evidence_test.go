package config

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEvidence(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Options{Overrides: map[string]string{"data.folder": "d"}})
	require.NoError(t, err)
	require.Equal(t, filepath.Join("d", "evidence"), c.Evidence.Folder)
	require.Equal(t, EvidenceFolder, c.Evidence.Store)
	require.Equal(t, 50, c.Evidence.MaxFileMB)

	c, err = Load(Options{File: write(t, "evidence:\n  store: s3\n  folder: /spool\n  types: pdf,jpg\n  uploadTimeout: 1m\n"+
		"  s3: {endpoint: 's3.example:9000', bucket: duban, accessKey: id, secretKey: hidden, tls: off}\n")})
	require.NoError(t, err)
	require.Equal(t, "/spool", c.Evidence.Folder)
	require.Equal(t, time.Minute, c.Evidence.UploadTimeout)
	require.Equal(t, S3{Endpoint: "s3.example:9000", TLS: "off", Bucket: "duban", AccessKey: "id", SecretKey: "hidden", Style: "path"}, c.Evidence.S3)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", c.Redacted(), c, c), "hidden")
}

func TestFaultsOfEvidence(t *testing.T) {
	t.Chdir(t.TempDir())
	s3 := map[string]string{
		"evidence.store": "s3", "evidence.s3.endpoint": "s3.example:9000", "evidence.s3.bucket": "duban", "evidence.s3.accessKey": "id", "evidence.s3.secretKey": "x",
	}
	for _, c := range []struct{ key, value, fault string }{
		{"evidence.maxFileMB", "0", "evidence.maxFileMB"},
		{"evidence.maxFileMB", "5000", "evidence.maxFileMB"},
		{"evidence.maxFiles", "0", "evidence.maxFiles"},
		{"evidence.maxTotalMB", "0", "evidence.maxTotalMB"},
		{"evidence.reserveMB", "-1", "evidence.reserveMB"},
		{"evidence.keepStaged", "0", "evidence.keepStaged"},
		{"evidence.uploadTimeout", "0s", "evidence.uploadTimeout"},
		{"evidence.store", "nfs", "evidence.store"},
		{"evidence.s3.endpoint", "", "evidence.s3.endpoint"},
		{"evidence.s3.endpoint", "http://s3.example", "evidence.s3.endpoint"},
		{"evidence.s3.bucket", "", "evidence.s3.bucket"},
		{"evidence.s3.secretKey", "", "evidence.s3.secretKey"},
		{"evidence.s3.accessKey", "", "evidence.s3.accessKey"},
		{"evidence.s3.ca", "none.pem", "evidence.s3.ca"},
		{"evidence.s3.style", "x", "evidence.s3.style"},
	} {
		overrides := map[string]string{c.key: c.value}
		for k, v := range s3 {
			if _, ok := overrides[k]; !ok {
				overrides[k] = v
			}
		}
		_, err := Load(Options{Overrides: overrides})
		var faults Faults
		require.ErrorAs(t, err, &faults, "%s=%s", c.key, c.value)
		require.Equal(t, c.fault, faults[0].Key, "%s=%s", c.key, c.value)
	}
	_, err := Load(Options{Overrides: s3})
	require.NoError(t, err)
}
