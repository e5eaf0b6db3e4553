package seal

import (
	"crypto/aes"
	"crypto/cipher"

	"github.com/emmansun/gmsm/sm4"
)

// Cipher is how a key encrypts; its name is part of every sealed payload.
type Cipher string

// The ciphers. Both authenticate what they encrypt.
const (
	AES256GCM Cipher = "aes-256-gcm"
	SM4GCM    Cipher = "sm4-gcm" // GB/T 32907—2016 in Galois/Counter Mode
)

// keySize returns the bytes of a cipher's key, 0 for a cipher that there is none of.
func (c Cipher) keySize() int {
	switch c {
	case AES256GCM:
		return 32
	case SM4GCM:
		return 16
	default:
		return 0
	}
}

// aead returns the cipher under a secret of its size.
func (c Cipher) aead(secret []byte) (cipher.AEAD, error) {
	newBlock := aes.NewCipher
	if c == SM4GCM {
		newBlock = sm4.NewCipher
	}
	block, err := newBlock(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
