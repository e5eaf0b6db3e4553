//go:build windows

package main

import "golang.org/x/sys/windows"

// diskFree returns how many bytes the folder's disk has room for, and how many it has.
func diskFree(folder string) (free, total int64, err error) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, 0, err
	}
	var available, all uint64
	if err := windows.GetDiskFreeSpaceEx(name, &available, &all, nil); err != nil {
		return 0, 0, err
	}
	return int64(available), int64(all), nil //nolint:gosec // no disk has as much
}
