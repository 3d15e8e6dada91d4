package proof

// What programs said. "recorded" is word for word from where it names, but for lines that it says are left out;
// "synthetic" was written for these tests, after the form of what is recorded or documented.
const (
	// synthetic, after the fields that the program's help documents
	smiGood = "0, NVIDIA GeForce RTX 3060, 570.124.04, 12288 MiB\n"
	smiTwo  = smiGood + "1, NVIDIA GeForce GTX 1660 Ti, 570.124.04, 6144 MiB\n"
	// recorded: tinygrad/open-gpu-kernel-modules, issue 47
	smiMismatch = "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 570.124\n"
	// recorded: gridhead/nvidia-auto-installer-for-fedora-linux, issue 75
	smiNoDriver = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n"
	// synthetic
	smiNoDevices = "No devices were found\n"
	// recorded: TheTumultuousUnicornOfDarkness/CPU-X, issue 115, where the last bracket is missing too
	smiList = "GPU 0: GeForce GTX 1660 Ti (UUID: GPU-e18afb8d-1627-f8ff-2ba3-c05c5a8e9e67\n"

	// recorded: oddmario/NVIDIA-Ubuntu-Driver-Guide, issue 4
	procVersion = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.90.07  Fri May 31 09:35:42 UTC 2024\n"
	// synthetic: the open modules say more words
	procVersionOpen = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.124.04  Release Build  (nixbld@localhost)\n"

	// recorded: robertrosenbusch/gfx803_rocm, issue 13, with lines left out of each part. The first agent, which is left out
	// there, is synthetic
	rocmGood = `ROCk module is loaded
=====================    
HSA System Attributes    
=====================    
Runtime Version:         1.14
Runtime Ext Version:     1.6

==========               
HSA Agents               
==========               
*******                  
Agent 1                  
*******                  
  Name:                    AMD Ryzen 5 3600X 6-Core Processor 
  Uuid:                    CPU-XX                             
  Device Type:             CPU                                
*******                  
Agent 2                  
*******                  
  Name:                    gfx803                             
  Uuid:                    GPU-XX                             
  Marketing Name:          Radeon RX 590 Series               
  Vendor Name:             AMD                                
  Feature:                 KERNEL_DISPATCH                    
  Profile:                 BASE_PROFILE                       
  Device Type:             GPU                                
  ISA Info:                
    ISA 1                    
      Name:                    amdgcn-amd-amdhsa--gfx803          
`
	// recorded: ROCm/ROCm-docker, issue 116
	rocmDenied = "ROCk module is loaded\nUnable to open /dev/kfd read-write: Permission denied\nFailed to get user name to check for video group membership\n"
	// recorded: ROCm/rocminfo, issue 20, the beginning and the only agent
	rocmNotLoaded = `ROCk module is NOT loaded, possibly no GPU devices
fireburn is member of video group
==========               
HSA Agents               
==========               
*******                  
Agent 1                  
*******                  
  Name:                    Intel(R) Core(TM) i7-6820HK CPU @ 2.70GHz
  Marketing Name:          Intel(R) Core(TM) i7-6820HK CPU @ 2.70GHz
  Vendor Name:             CPU                                
  Device Type:             CPU                                
`

	// recorded: nix-community/nixGL, issue 153, without its last three lines. The headline above "Devices:" is synthetic
	vulkanGood = `==========
VULKANINFO
==========

Devices:
========
GPU0:
	apiVersion         = 1.3.260
	driverVersion      = 2.0.279
	vendorID           = 0x1002
	deviceID           = 0x73ff
	deviceType         = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU
	deviceName         = AMD Radeon RX 6600 XT
	driverID           = DRIVER_ID_AMD_PROPRIETARY
	driverName         = AMD proprietary driver
	driverInfo         = (AMD proprietary shader compiler)
`
	// synthetic, with the name and type that kpet/clvk, issue 537, has of it
	vulkanSoftware = `WARNING: lavapipe is not a conformant vulkan implementation, testing use only.
==========
VULKANINFO
==========

Devices:
========
GPU0:
	vendorID           = 0x10005
	deviceID           = 0x0000
	deviceType         = PHYSICAL_DEVICE_TYPE_CPU
	deviceName         = llvmpipe (LLVM 11.0.1, 128 bits)
`

	// recorded: warmshao/FasterLivePortrait, issue 116
	podmanUnresolvable = "Error: setting up CDI devices: unresolvable CDI devices nvidia.com/gpu=all\n"
	// recorded: NVIDIA/nvidia-container-toolkit, issue 885
	podmanStale = "Error: setting up CDI devices: failed to inject devices: failed to stat CDI host device \"/dev/dri/renderD129\": no such file or directory\n"

	// synthetic, after the example of Ollama's own documentation (api/ps), with the keys that are read
	ollamaCard = `{"models":[{"name":"gemma3","model":"gemma3","size":6591830464,"size_vram":5333539264}]}`
	// synthetic
	ollamaCPU = `{"models":[{"name":"gemma3","model":"gemma3","size":6591830464,"size_vram":0}]}`
)
