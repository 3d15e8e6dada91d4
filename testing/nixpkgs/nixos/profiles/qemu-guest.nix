# What a hardware-configuration.nix generated in a virtual machine imports.
{
  boot.initrd.availableKernelModules = [
    "virtio_net"
    "virtio_pci"
    "virtio_blk"
  ];
}
