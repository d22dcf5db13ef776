# donation
