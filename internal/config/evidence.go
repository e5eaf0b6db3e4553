package config

import (
	"strings"
	"time"
)

// EvidenceStore is where the contents of evidence lie.
type EvidenceStore string

// The places of evidence.
const (
	EvidenceFolder EvidenceStore = "folder"
	EvidenceS3     EvidenceStore = "s3"
)

// Evidence (佐证材料) is what units upload: where it lies, and how much of it is taken.
type Evidence struct {
	Store         EvidenceStore `key:"store" oneof:"folder,s3"`
	Folder        string        `key:"folder"`        // "": evidence below the data folder; with s3, where uploads lie until they are complete
	MaxFileMB     int           `key:"maxFileMB"`     // of one file
	MaxFiles      int           `key:"maxFiles"`      // of one obligation
	MaxTotalMB    int           `key:"maxTotalMB"`    // of one obligation
	ReserveMB     int           `key:"reserveMB"`     // what uploads leave free on the disk
	Types         string        `key:"types"`         // endings, with commas between them; "": all that are known
	KeepStaged    int           `key:"keepStaged"`    // days after which what was uploaded and not handed in is removed
	UploadTimeout time.Duration `key:"uploadTimeout"` // without progress
	S3            S3            `key:"s3"`
}

// S3 is a bucket of an S3-compatible service.
type S3 struct {
	Endpoint  string `key:"endpoint"` // host, or host:port
	TLS       string `key:"tls" oneof:"on,off"`
	CA        string `key:"ca"`
	Region    string `key:"region"`
	Bucket    string `key:"bucket"`
	AccessKey string `key:"accessKey"`
	SecretKey Secret `key:"secretKey"`
	Style     string `key:"style" oneof:"path,host"` // where the bucket's name stands
}

func defaultEvidence() Evidence {
	return Evidence{
		Store: EvidenceFolder, MaxFileMB: 50, MaxFiles: 50, MaxTotalMB: 500, ReserveMB: 1024, KeepStaged: 30, UploadTimeout: 30 * time.Second,
		S3: S3{TLS: "on", Style: "path"},
	}
}

// Bounds of what can be set, in MB and days. One request to S3 holds 5 GB.
const (
	maxMB   = 4096
	maxDays = 3650
	maxFree = 1 << 20
)

func (k *checker) evidence() {
	e := k.config.Evidence
	within := func(key string, n, from, to int) {
		k.require(n >= from && n <= to, textBetween(from, to, n), "evidence."+key)
	}
	within("maxFileMB", e.MaxFileMB, 1, maxMB)
	within("maxFiles", e.MaxFiles, 1, 1000)
	within("maxTotalMB", e.MaxTotalMB, 1, maxFree)
	within("reserveMB", e.ReserveMB, 0, maxFree)
	within("keepStaged", e.KeepStaged, 1, maxDays)
	k.require(e.UploadTimeout >= minTimeout && e.UploadTimeout <= maxTimeout, textGiven(textTimeout, shortDuration(e.UploadTimeout)), "evidence.uploadTimeout")
	if e.Store != EvidenceS3 {
		return
	}
	s := e.S3
	k.require(s.Endpoint != "" && !strings.Contains(s.Endpoint, "/"), textS3Endpoint, "evidence.s3.endpoint", "evidence.store")
	k.require(s.Bucket != "", textS3Missing, "evidence.s3.bucket", "evidence.store")
	k.require(s.AccessKey != "", textS3Missing, "evidence.s3.accessKey", "evidence.store")
	k.require(s.SecretKey != "", textS3Missing, "evidence.s3.secretKey", "evidence.store")
	k.readable(s.CA, "evidence.s3.ca")
}
