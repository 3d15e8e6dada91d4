// Package hardware is the commands about what the machine is: facts and gpu.
package hardware
