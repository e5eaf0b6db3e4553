package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"duban/internal/blob"
	"duban/internal/blob/blobtest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	blobtest.Remove()
	os.Exit(code)
}

// kept is a store with what lies under it.
type kept struct {
	blob.Store
	spool string // where contents lie until they are received
	// overwrite changes what is kept under the key, as nobody should.
	overwrite func(t *testing.T, key string, content []byte)
	// stray puts something there that is no content.
	stray func(t *testing.T)
}

const bucket = "duban-evidence"

// each runs the test on every kind of store: this is what both promise.
func each(t *testing.T, test func(t *testing.T, k kept)) {
	t.Run("folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "evidence")
		f, err := blob.OpenFolder(dir, 0)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, f.Close()) })
		test(t, kept{f, dir, func(t *testing.T, key string, content []byte) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, key[:2], key), content, 0o600))
		}, func(t *testing.T) { require.NoError(t, os.WriteFile(filepath.Join(dir, "README"), []byte("x"), 0o600)) }})
	})
	t.Run("s3", func(t *testing.T) {
		server := blobtest.Start(t)
		server.Bucket(t, bucket)
		spool := t.TempDir()
		s := openS3(t, server, spool)
		require.NoError(t, s.Ping(t.Context()))
		put := func(t *testing.T, name string, content []byte) {
			_, err := server.Client(t).PutObject(t.Context(), bucket, name, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
			require.NoError(t, err)
		}
		test(t, kept{
			s, spool, func(t *testing.T, key string, content []byte) { put(t, key[:2]+"/"+key, content) },
			func(t *testing.T) { put(t, "README", []byte("x")) },
		})
	})
}

func openS3(t *testing.T, server blobtest.Server, spool string) *blob.S3 {
	s, err := blob.OpenS3(blob.S3Options{
		Endpoint: server.Endpoint, Region: server.Region, Bucket: bucket, AccessKey: server.AccessKey, SecretKey: server.SecretKey, PathStyle: true, Spool: spool,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// keys lists what is kept.
func (k kept) keys(t *testing.T) []string {
	out := []string{}
	require.NoError(t, k.List(t.Context(), func(i blob.Info) error {
		out = append(out, i.Key)
		return nil
	}))
	return out
}

// spooled counts the bytes and files that lie where contents are received.
func (k kept) spooled(t *testing.T) (files int, size int64) {
	require.NoError(t, filepath.WalkDir(filepath.Join(k.spool, "incoming"), func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		files, size = files+1, size+info.Size()
		return err
	}))
	return files, size
}

func (k kept) requireEmpty(t *testing.T) {
	require.Empty(t, k.keys(t))
	files, _ := k.spooled(t)
	require.Zero(t, files)
}

func read(t *testing.T, s blob.Store, key string) []byte {
	content, info, err := s.Open(t.Context(), key)
	require.NoError(t, err)
	defer content.Close()
	got, err := io.ReadAll(content)
	require.NoError(t, err)
	require.Equal(t, int64(len(got)), info.Size)
	return got
}

func TestContentIsKept(t *testing.T) {
	each(t, func(t *testing.T, k kept) {
		k.requireEmpty(t)
		k.stray(t)
		require.Empty(t, k.keys(t))
		big := bytes.Repeat([]byte("安全生产\x00\xff"), 2<<20) // 28 MB
		for name, content := range map[string][]byte{"one": []byte("x"), "big": big, "none": {}} {
			var seen []byte
			d, size, err := k.Put(t.Context(), name, io.MultiReader(bytes.NewReader(content)), int64(len(content)), func(c io.ReaderAt, n int64) (err error) {
				seen = make([]byte, n)
				_, err = io.ReadFull(io.NewSectionReader(c, 0, n), seen)
				return err
			})
			require.NoError(t, err, name)
			require.Equal(t, digest(content), d)
			require.Equal(t, int64(len(content)), size)
			require.True(t, bytes.Equal(content, seen))
			key := d + "-" + name
			require.True(t, bytes.Equal(content, read(t, k, key)))
			info, err := k.Stat(t.Context(), key)
			require.NoError(t, err)
			require.Equal(t, size, info.Size)
			require.WithinDuration(t, time.Now(), info.Modified, time.Hour)
			require.NoError(t, blob.Verify(t.Context(), k, key))
		}
		files, _ := k.spooled(t)
		require.Zero(t, files)
		require.Len(t, k.keys(t), 3)

		key := digest([]byte("x")) + "-one"
		_, _, err := k.Put(t.Context(), "one", strings.NewReader("x"), 1, nil)
		require.ErrorIs(t, err, fs.ErrExist, "what is kept is never written again")
		other, _, err := k.Put(t.Context(), "other", strings.NewReader("x"), 1, nil)
		require.NoError(t, err)
		require.NoError(t, k.Delete(t.Context(), key))
		require.NoError(t, k.Delete(t.Context(), key))
		_, _, err = k.Open(t.Context(), key)
		require.ErrorIs(t, err, blob.ErrNotFound)
		_, err = k.Stat(t.Context(), key)
		require.ErrorIs(t, err, blob.ErrNotFound)
		require.Equal(t, "x", string(read(t, k, other+"-other")), "equal content of another upload stays")
	})
}

// endless never ends, and counts what was taken of it.
type endless struct {
	n     int64
	after func(int64) error
}

func (e *endless) Read(p []byte) (int, error) {
	e.n += int64(len(p))
	if e.after != nil {
		if err := e.after(e.n); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// Whatever breaks off, nothing stays; and nothing takes more disk than the limit, nor memory.
func TestNothingStaysOfWhatIsRefused(t *testing.T) {
	errGone := errors.New("the client went away")
	errBad := errors.New("no PDF")
	each(t, func(t *testing.T, k kept) {
		const limit = 8 << 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		body := &endless{}
		body.after = func(int64) error {
			_, size := k.spooled(t)
			require.LessOrEqual(t, size, int64(limit))
			return nil
		}
		_, _, err := k.Put(t.Context(), "endless", body, limit, nil)
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, blob.ErrTooLarge)
		require.LessOrEqual(t, body.n, int64(limit+1), "no more is read than tells that it is too much")
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(limit/2))
		k.requireEmpty(t)

		_, _, err = k.Put(t.Context(), "broken", &endless{after: func(n int64) error {
			if n > 1<<20 {
				return errGone
			}
			return nil
		}}, limit, nil)
		require.ErrorIs(t, err, errGone)
		k.requireEmpty(t)

		_, _, err = k.Put(t.Context(), "cut", io.MultiReader(strings.NewReader("half"), &endless{after: func(int64) error { return io.ErrUnexpectedEOF }}), limit, nil)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "a body that ends too early is not taken for whole")
		k.requireEmpty(t)

		_, _, err = k.Put(t.Context(), "bad", strings.NewReader("MZ"), limit, func(io.ReaderAt, int64) error { return errBad })
		require.ErrorIs(t, err, errBad)
		k.requireEmpty(t)

		ctx, cancel := context.WithCancel(t.Context())
		_, _, err = k.Put(ctx, "cancelled", &endless{after: func(n int64) error {
			if n > 1<<20 {
				cancel()
			}
			return nil
		}}, limit, nil)
		require.ErrorIs(t, err, context.Canceled)
		_, _, err = k.Put(ctx, "late", strings.NewReader("x"), limit, nil)
		require.ErrorIs(t, err, context.Canceled)
		k.requireEmpty(t)
	})
}

func TestKeysAreNoPaths(t *testing.T) {
	each(t, func(t *testing.T, k kept) {
		secret := filepath.Join(filepath.Dir(k.spool), "secret")
		require.NoError(t, os.WriteFile(secret, []byte("secret"), 0o600))
		for _, id := range []string{"", "../x", "a/b", "a-b", `a\b`, "a\x00", strings.Repeat("a", 65)} {
			_, _, err := k.Put(t.Context(), id, strings.NewReader("x"), 1, nil)
			require.Error(t, err, id)
		}
		for _, key := range []string{"", "..", "../secret", "/etc/passwd", digest(nil), digest(nil) + "-", digest(nil) + "-../../../secret", strings.ToUpper(digest(nil)) + "-a"} {
			_, _, err := k.Open(t.Context(), key)
			require.ErrorIs(t, err, blob.ErrNotFound, key)
			_, err = k.Stat(t.Context(), key)
			require.ErrorIs(t, err, blob.ErrNotFound, key)
			require.NoError(t, k.Delete(t.Context(), key))
		}
		require.FileExists(t, secret)
		k.requireEmpty(t)
	})
}

// What was changed behind duban's back is found, and never given out whole.
func TestChangedContentNeverArrivesWhole(t *testing.T) {
	each(t, func(t *testing.T, k kept) {
		content := []byte(strings.Repeat("整改报告", 30_000))
		d, _, err := k.Put(t.Context(), "a", bytes.NewReader(content), 1<<20, nil)
		require.NoError(t, err)
		key := d + "-a"
		for name, other := range map[string][]byte{
			"same size": append(bytes.Clone(content[:len(content)-1]), 'x'), "first byte": append([]byte("x"), content[1:]...),
			"shorter": content[:1000], "longer": append(bytes.Clone(content), "more"...),
		} {
			k.overwrite(t, key, other)
			require.ErrorIs(t, blob.Verify(t.Context(), k, key), blob.ErrChanged, name)
			r, info, err := k.Open(t.Context(), key)
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.ErrorIs(t, err, blob.ErrChanged, name)
			require.Less(t, int64(len(got)), info.Size, name)
			require.NoError(t, r.Close())
		}
		k.overwrite(t, key, content)
		require.NoError(t, blob.Verify(t.Context(), k, key))
		require.ErrorIs(t, blob.Verify(t.Context(), k, digest(nil)+"-a"), blob.ErrNotFound)
	})
}

func TestSeveralAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k kept) {
		var wg sync.WaitGroup
		for id := range strings.SplitSeq("abcdefgh", "") {
			wg.Go(func() {
				if _, _, err := k.Put(t.Context(), id, strings.NewReader("the same"), 100, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(t, k.keys(t), 8)
		errEnough := errors.New("enough")
		require.ErrorIs(t, k.List(t.Context(), func(blob.Info) error { return errEnough }), errEnough)
	})
}

// A process that was killed while it received leaves a file, which the next sweep removes; one that is being written stays.
func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, k kept) {
		left := filepath.Join(k.spool, "incoming", "left")
		require.NoError(t, os.WriteFile(left, []byte("half"), 0o600))
		old := time.Now().Add(-2 * time.Hour)
		require.NoError(t, os.Chtimes(left, old, old))
		require.NoError(t, os.WriteFile(filepath.Join(k.spool, "incoming", "fresh"), []byte("half"), 0o600))
		d, _, err := k.Put(t.Context(), "a", strings.NewReader("x"), 1, nil)
		require.NoError(t, err)
		require.NoError(t, k.Sweep(t.Context(), time.Hour))
		require.NoFileExists(t, left)
		files, _ := k.spooled(t)
		require.Equal(t, 1, files)
		require.NoError(t, k.Sweep(t.Context(), 0))
		files, _ = k.spooled(t)
		require.Zero(t, files)
		require.Equal(t, []string{d + "-a"}, k.keys(t))
	})
}

func TestFolderIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "evidence")
	f, err := blob.OpenFolder(dir, 0)
	require.NoError(t, err)
	defer f.Close()
	d, _, err := f.Put(t.Context(), "a", strings.NewReader("x"), 1, nil)
	require.NoError(t, err)
	for path, mode := range map[string]fs.FileMode{"": 0o700, "incoming": 0o700, d[:2]: 0o700, filepath.Join(d[:2], d+"-a"): 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
	// A link out of the folder is not followed.
	outside := filepath.Join(t.TempDir(), "outside")
	require.NoError(t, os.WriteFile(outside, []byte("y"), 0o600))
	key := digest([]byte("y")) + "-a"
	require.NoError(t, os.MkdirAll(filepath.Join(dir, key[:2]), 0o700))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, key[:2], key)))
	_, _, err = f.Open(t.Context(), key)
	require.Error(t, err)
}

func TestFolderKeepsRoomOnTheDisk(t *testing.T) {
	f, err := blob.OpenFolder(t.TempDir(), 1<<62)
	require.NoError(t, err)
	defer f.Close()
	body := &endless{}
	_, _, err = f.Put(t.Context(), "a", body, 1<<30, nil)
	require.ErrorIs(t, err, blob.ErrFull)
	require.Zero(t, body.n, "nothing is read that has no room")
}

func TestS3SaysWhatIsMissing(t *testing.T) {
	server := blobtest.Start(t)
	s := openS3(t, server, t.TempDir())
	require.ErrorIs(t, s.Ping(t.Context()), blob.ErrNotFound)
	_, _, err := s.Put(t.Context(), "a", strings.NewReader("x"), 1, nil)
	require.Error(t, err)
	server.Bucket(t, bucket)
	require.NoError(t, s.Ping(t.Context()))
	server.SecretKey = "wrong-key"
	s = openS3(t, server, t.TempDir())
	require.Error(t, s.Ping(t.Context()))
	_, err = s.Stat(t.Context(), digest(nil)+"-a")
	require.Error(t, err)
	require.NotErrorIs(t, err, blob.ErrNotFound, "who may not look does not know")
}
