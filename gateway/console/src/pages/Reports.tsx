// Reports.tsx
import { PageFrame } from '../Shell';

export default function Reports() {
  return <PageFrame title="Reports"><p /></PageFrame>;
}
