package blob

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Options say which bucket of which service contents are kept in.
type S3Options struct {
	Endpoint  string // host:port, without a scheme
	TLS       bool
	CA        string // path of a PEM file, trusted besides the system's
	Region    string
	Bucket    string // it must exist
	AccessKey string
	SecretKey string
	PathStyle bool   // the bucket stands in the path, and not in the host's name
	Spool     string // folder where contents lie until they are received and looked at
	Reserve   int64  // see OpenFolder; of the disk with Spool
}

// S3 keeps contents in a bucket, an object each.
type S3 struct {
	*incoming
	client *minio.Core
	bucket string
}

// OpenS3 opens the bucket. It asks the service for nothing: see Ping.
func OpenS3(o S3Options) (*S3, error) {
	transport, err := minio.DefaultTransport(o.TLS)
	if err != nil {
		return nil, err
	}
	if o.CA != "" {
		if transport.TLSClientConfig, err = trusting(o.CA); err != nil {
			return nil, err
		}
	}
	// One that accepts and then says nothing holds nobody up.
	transport.ResponseHeaderTimeout = time.Minute
	lookup := minio.BucketLookupDNS
	if o.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.NewCore(o.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: o.TLS, Region: o.Region, BucketLookup: lookup, Transport: transport,
		MaxRetries: 3,
	})
	if err != nil {
		return nil, err
	}
	in, err := openIncoming(o.Spool, o.Reserve)
	if err != nil {
		return nil, err
	}
	return &S3{in, client, o.Bucket}, nil
}

func trusting(file string) (*tls.Config, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate", file)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
}

// Close closes the folder of what is incoming.
func (s *S3) Close() error { return s.root.Close() }

// Ping returns an error where the service cannot be reached, or has no such bucket.
func (s *S3) Ping(ctx context.Context) error {
	ok, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !ok {
		err = fmt.Errorf("bucket %q: %w", s.bucket, ErrNotFound)
	}
	return err
}

// Put implements Store. The object is sent in one request: there are no parts that a broken one could leave behind.
func (s *S3) Put(ctx context.Context, id string, content io.Reader, limit int64, check Check) (digest string, size int64, err error) {
	if !idForm.MatchString(id) {
		return "", 0, fmt.Errorf("id %q", id)
	}
	r, err := s.receive(ctx, content, limit, check)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, s.drop(r)) }()
	key := r.digest + "-" + id
	if _, err := s.Stat(ctx, key); !errors.Is(err, ErrNotFound) {
		return "", 0, errors.Join(err, fmt.Errorf("%s: %w", key, os.ErrExist))
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", 0, err
	}
	_, err = s.client.Client.PutObject(ctx, s.bucket, place(key), r, r.size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", DisableMultipart: true,
	})
	if err != nil {
		return "", 0, err
	}
	return r.digest, r.size, nil
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	if err := known(key); err != nil {
		return nil, Info{}, err
	}
	content, object, _, err := s.client.GetObject(ctx, s.bucket, place(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, lost(key, err)
	}
	info := Info{key, object.Size, object.LastModified}
	return prove(content, info), info, nil
}

// Stat implements Store.
func (s *S3) Stat(ctx context.Context, key string) (Info, error) {
	if err := known(key); err != nil {
		return Info{}, err
	}
	object, err := s.client.StatObject(ctx, s.bucket, place(key), minio.StatObjectOptions{})
	if err != nil {
		return Info{}, lost(key, err)
	}
	return Info{key, object.Size, object.LastModified}, nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, key string) error {
	if known(key) != nil {
		return nil //nolint:nilerr // nothing is kept under what is no key
	}
	err := s.client.RemoveObject(ctx, s.bucket, place(key), minio.RemoveObjectOptions{})
	if errors.Is(lost(key, err), ErrNotFound) {
		return nil
	}
	return err
}

// List implements Store. Objects that are no contents are not its business.
func (s *S3) List(ctx context.Context, visit func(Info) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the listing where visit does
	for object := range s.client.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Recursive: true}) {
		if object.Err != nil {
			return object.Err
		}
		key := path.Base(object.Key)
		if !keyForm.MatchString(key) || object.Key != place(key) {
			continue
		}
		if err := visit(Info{key, object.Size, object.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// lost returns ErrNotFound where the service says that it has no such object.
func lost(key string, err error) error {
	if err == nil {
		return nil
	}
	if r := minio.ToErrorResponse(err); r.StatusCode == http.StatusNotFound && r.Code != "NoSuchBucket" {
		return fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	return err
}

var _ Store = (*S3)(nil)
