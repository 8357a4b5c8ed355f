//go:build faultydisk

package server

import (
	"os"

	"switchroom/recording/disk"
	"switchroom/recording/disk/disktest"
)

// soundDisk is a disk that fails on the command of the file that
// SWITCHROOM_DISK_FAULTS names. Only tests build this.
func soundDisk(dir string) (disk.Files, error) {
	control := os.Getenv("SWITCHROOM_DISK_FAULTS")
	if control == "" {
		return nil, nil
	}
	return disktest.Faulty(dir, control)
}
