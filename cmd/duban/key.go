package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"duban/internal/config"
	"duban/internal/seal"
)

// openKeys reads the key ring that all of the engine's data go through. The embedded engine's first start makes one; an
// installation of several processes is given one, since all must have the same.
func (i *installation) openKeys(context.Context) error {
	ring, err := seal.Open(i.cfg.Privacy.KeyFile)
	embedded := i.cfg.Engine.Mode == config.EngineEmbedded
	if !embedded {
		if err != nil {
			return err
		}
		i.codec = seal.NewCodec(ring)
		return nil
	}
	engine := filepath.Join(i.cfg.Data.Folder, engineFolder)
	ids, usedErr := usedKeys(engine)
	if usedErr != nil {
		return usedErr
	}
	if errors.Is(err, seal.ErrNoFile) && len(ids) == 0 {
		ring, err = seal.Create(i.cfg.Privacy.KeyFile, seal.AES256GCM, time.Now())
	}
	if err != nil {
		return err
	}
	if err := ring.Require(ids); err != nil {
		return err
	}
	i.codec = seal.NewCodec(ring)
	if slices.Contains(ids, ring.Active()) {
		return nil
	}
	return os.WriteFile(filepath.Join(engine, usedKeysFile), []byte(strings.Join(append(ids, ring.Active()), "\n")+"\n"), 0o600)
}

// usedKeysFile is where the embedded engine's folder notes the keys that have sealed something in it: it is not opened without
// them, since its workflows could not go on.
const usedKeysFile = "sealed-by"

// usedKeys returns the IDs of the keys that have sealed something in the engine's folder; none where there is no engine yet.
func usedKeys(engine string) ([]string, error) {
	used, err := os.ReadFile(filepath.Join(engine, usedKeysFile))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return strings.Fields(string(used)), err
}

type keyCmd struct {
	List     keyListCmd     `cmd:"" help:"列出密钥（不显示密钥本身）。"`
	Add      keyAddCmd      `cmd:"" help:"新增一把密钥；还没有密钥文件时建立一份。"`
	Activate keyActivateCmd `cmd:"" help:"启用一把密钥：此后的流程数据用它加密，以前的密钥留作解密。"`
}

type keyListCmd struct{}

// Run implements the command.
func (keyListCmd) Run(e *env) error {
	ring, err := e.keys()
	if err != nil {
		return err
	}
	for _, k := range ring.Keys() {
		state := textKeyKept
		if k.Active {
			state = textKeyActive
		}
		fmt.Fprintf(e.stdout, "%s  %s  %s  %s\n", k.ID, k.Cipher, k.Created.Local().Format(time.DateOnly), state)
	}
	return nil
}

type keyAddCmd struct {
	Cipher string `help:"加密算法。" enum:"aes-256-gcm,sm4-gcm" default:"aes-256-gcm"`
}

// Run implements the command.
func (c keyAddCmd) Run(e *env) error {
	cfg, _, err := e.settings()
	if err != nil {
		return err
	}
	path := cfg.Privacy.KeyFile
	ring, err := seal.Open(path)
	if errors.Is(err, seal.ErrNoFile) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf(textDataFolder, filepath.Dir(path), err)
		}
		if ring, err = seal.Create(path, seal.Cipher(c.Cipher), time.Now()); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, textKeyFirst, path, ring.Active())
		return nil
	}
	if err != nil {
		return err
	}
	added, err := ring.Add(seal.Cipher(c.Cipher), time.Now())
	if err == nil {
		fmt.Fprintf(e.stdout, textKeyAdded, added.ID, added.Cipher)
	}
	return err
}

type keyActivateCmd struct {
	ID string `arg:"" help:"密钥的编号。"`
}

// Run implements the command.
func (c keyActivateCmd) Run(e *env) error {
	ring, err := e.keys()
	if err == nil {
		err = ring.Activate(c.ID)
	}
	if err == nil {
		fmt.Fprintf(e.stdout, textKeyActivated, c.ID)
	}
	return err
}

func (e *env) keys() (*seal.Ring, error) {
	cfg, _, err := e.settings()
	if err != nil {
		return nil, err
	}
	return seal.Open(cfg.Privacy.KeyFile)
}
