// Package seal encrypts what duban hands to the workflow engine: the inputs, updates, results, summaries and errors of
// workflows name people and telephone numbers, and histories are kept for years, maybe by a cluster elsewhere. Keys live in
// a file of their own (Ring), so that a copy of the engine's database tells nothing.
//
// What is not encrypted is read as it is: histories that began without encryption go on.
package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// How a sealed payload says what it is.
const (
	encoding   = "binary/encrypted"
	metaKey    = "encryption-key-id"
	metaCipher = "encryption-cipher"
)

// Codec seals payloads with the ring's active key, and opens those of every key in it. It implements
// converter.PayloadCodec and may be used by several goroutines.
type Codec struct{ ring *Ring }

// NewCodec returns the codec of a ring, which must not change any more.
func NewCodec(r *Ring) *Codec { return &Codec{ring: r} }

// Encode implements converter.PayloadCodec.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	key := c.ring.keys[c.ring.active]
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, err
		}
		nonce := make([]byte, key.aead.NonceSize(), key.aead.NonceSize()+len(plain)+key.aead.Overhead())
		if _, err := rand.Read(nonce); err != nil {
			return nil, err
		}
		out[i] = &commonpb.Payload{
			Metadata: map[string][]byte{
				converter.MetadataEncoding: []byte(encoding), metaKey: []byte(key.ID), metaCipher: []byte(key.Cipher),
			},
			Data: key.aead.Seal(nonce, nonce, plain, additional(key.Cipher, key.ID)),
		}
	}
	return out, nil
}

// Decode implements converter.PayloadCodec. The error is an *Error: ErrUnknownKey where the ring has not the key that
// sealed a payload, ErrTampered where a payload is not as it was sealed.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[converter.MetadataEncoding]) != encoding {
			out[i] = p
			continue
		}
		opened, err := c.open(p)
		if err != nil {
			return nil, err
		}
		out[i] = opened
	}
	return out, nil
}

func (c *Codec) open(p *commonpb.Payload) (*commonpb.Payload, error) {
	id := string(p.GetMetadata()[metaKey])
	key, ok := c.ring.keys[id]
	if !ok {
		return nil, fail(ErrUnknownKey, textUnknownKey(id, c.ring.path), nil)
	}
	name, size := Cipher(p.GetMetadata()[metaCipher]), key.aead.NonceSize()
	if name != key.Cipher || len(p.GetData()) < size {
		return nil, fail(ErrTampered, textTampered(id), nil)
	}
	plain, err := key.aead.Open(nil, p.GetData()[:size], p.GetData()[size:], additional(name, id))
	if err != nil {
		return nil, fail(ErrTampered, textTampered(id), err)
	}
	opened := &commonpb.Payload{}
	if err := proto.Unmarshal(plain, opened); err != nil {
		return nil, fail(ErrTampered, textTampered(id), err)
	}
	return opened, nil
}

// additional is what the seal vouches for besides the payload. A key's ID holds no zero byte, nor does a cipher's name.
func additional(c Cipher, id string) []byte {
	return fmt.Appendf(nil, "duban-seal\x00%s\x00%s", c, id)
}

// key is a Key that is ready for use.
type key struct {
	Key
	aead cipher.AEAD
}
