"""One mannequin: its measures, clothes, joints and the solid parts around them."""
