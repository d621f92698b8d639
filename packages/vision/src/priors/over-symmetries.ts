import { add, concat, mul, reverse, slice, type Tensor, transpose } from "@recon/engine";

/** A map of images [B, C, H, W] at noise levels, a scalar or one an image [B], that keeps their shape. */
export type ImageMap = (images: Tensor, level: Tensor) => Tensor;

/** Axes that are mirrored: none, up and down, left and right, both. */
const mirrorings: readonly (readonly number[])[] = [[], [2], [3], [2, 3]];

/**
 * The mean of a map over the eight symmetries of the square, x ↦ ⅛ Σ g⁻¹ D(g x), which commutes with all of them.
 *
 * What is known of images does not depend on how they are turned; what a small network has learned does, and its errors partly cancel.
 *
 * @see M. Terris et al., "Equivariant plug-and-play image reconstruction", CVPR 2024, equation 5; R. Timofte, R. Rothe & L. Van Gool, CVPR 2016, section 2.4.
 */
export function overSymmetries(map: ImageMap): ImageMap {
  return (images, level) => {
    const straight = overMirrorings(map, images, level);
    const turned = turn(overMirrorings(map, turn(images), level));
    return mul(add(straight, turned), 0.5);
  };
}

/** All four mirror images in one batch, so that a map is compiled once a direction. */
function overMirrorings(map: ImageMap, images: Tensor, level: Tensor): Tensor {
  const batch = images.shape[0]!;
  const levels =
    level.shape.length === 0
      ? level
      : concat(
          mirrorings.map(() => level),
          0,
        );
  const mapped = map(
    concat(
      mirrorings.map((axes) => reverse(images, axes)),
      0,
    ),
    levels,
  );
  const size = [batch, ...images.shape.slice(1)];
  const back = mirrorings.map((axes, k) => reverse(slice(mapped, [k * batch, 0, 0, 0], size), axes));
  return mul(
    back.reduce((total, one) => add(total, one)),
    1 / mirrorings.length,
  );
}

const turn = (images: Tensor): Tensor => transpose(images, [0, 1, 3, 2]);
