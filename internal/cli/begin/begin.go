// Package begin is the commands that make a workspace: init and up.
package begin
