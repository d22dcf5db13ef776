# racks
