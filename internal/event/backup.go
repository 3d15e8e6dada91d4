package event

import "time"

// Backup is one backup: files and folders as they were at one time.
type Backup struct {
	ID   int       `json:"id"`
	Made time.Time `json:"made"`
	// Reason says what it was made for, in words.
	Reason string `json:"reason"`
	// Deployment is the number of the deployment that it belongs to; 0 for one that somebody asked for.
	Deployment int `json:"deployment,omitempty"`
	Files      int `json:"files"` // links and folders too
	// Size is that of the files in bytes. Others may share what is stored of them.
	Size int64 `json:"size"`
}

// Backups answers `nqd backup list`, oldest first, and `nqd backup create` with the one that was made.
type Backups struct {
	Dir     string   `json:"dir"`
	Backups []Backup `json:"backups"`
}

// BackupShown is one backup and what is in it.
type BackupShown struct {
	Backup
	Entries []BackupEntry `json:"entries"`
	// Skipped is what was to be kept and is not in the backup, such as sockets.
	Skipped []BackupProblem `json:"skipped,omitempty"`
}

// BackupEntry is one file, link or folder of a backup.
type BackupEntry struct {
	Path     string    `json:"path"` // absolute, on the machine
	Kind     string    `json:"kind"` // file, link, folder, fifo
	Mode     string    `json:"mode"` // octal, such as 0644
	Modified time.Time `json:"modified"`
	Size     int64     `json:"size,omitempty"`
	Hash     string    `json:"hash,omitempty"`   // SHA-256, hexadecimal
	Target   string    `json:"target,omitempty"` // of a link
}

// BackupVerified says whether what backups hold is what they were given.
type BackupVerified struct {
	Backups int             `json:"backups"`
	Files   int             `json:"files"`
	Damaged []BackupProblem `json:"damaged"`
}

// BackupProblem is something that a backup should hold and does not, or that could not be put back.
type BackupProblem struct {
	Backup  int    `json:"backup"`
	Path    string `json:"path,omitempty"`
	Problem string `json:"problem"`
}

// BackupRestored says what was put back, and what was as it should be already.
type BackupRestored struct {
	Backup    int      `json:"backup"`
	Restored  []string `json:"restored"`
	Unchanged int      `json:"unchanged"`
	// Replaced is the backup that was made of what stood there; 0 where nothing did.
	Replaced int `json:"replaced,omitempty"`
	// Lost is what could not be given back, such as an owner where it is not root who restores: a path, and what.
	Lost []string `json:"lost,omitempty"`
}

// BackupPruned says which backups went, or with DryRun would go, and what that frees in bytes.
type BackupPruned struct {
	DryRun  bool     `json:"dry_run,omitempty"`
	Removed []Backup `json:"removed"`
	Freed   int64    `json:"freed"`
}

// MessageType implements Event.
func (Backups) MessageType() string { return "backups" }

// MessageType implements Event.
func (BackupShown) MessageType() string { return "backup" }

// MessageType implements Event.
func (BackupVerified) MessageType() string { return "backup_verified" }

// MessageType implements Event.
func (BackupRestored) MessageType() string { return "backup_restored" }

// MessageType implements Event.
func (BackupPruned) MessageType() string { return "backup_pruned" }
